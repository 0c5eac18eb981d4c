// Installs what tests and tools need, where npm ci has left it out.
import { spawnSync } from 'node:child_process'
import { expectNode, fail, lackingOf, manifest, rootFolder } from './installation.mjs'

expectNode()
if (lackingOf({ ...manifest.dependencies, ...manifest.devDependencies }).length > 0) {
  console.error('taskport: installing what tests and tools need, about 1 GB')
  // Their packages want the newer Node that comes with them: npm would warn of the one at hand.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const options = { cwd: rootFolder, stdio: ['ignore', 'inherit', 'inherit'] }
  const npm = process.env.npm_execpath
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
  if (status !== 0) fail('they could not be installed: npm says why above')
}
