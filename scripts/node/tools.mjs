// Installs what tests and tools need, where npm ci has left it out. Plain JavaScript: it may run on
// a version of Node that the tools do not run on.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)
const { dependencies, devDependencies } = JSON.parse(
  readFileSync(new URL('package.json', root), 'utf8'),
)
const isMissing = (name) => !existsSync(new URL(`node_modules/${name}/package.json`, root))

if (Object.keys({ ...dependencies, ...devDependencies }).some(isMissing)) {
  console.error('taskport: installing what tests and tools need, about 1 GB')
  // Their packages want the newer Node that comes with them: npm would warn of the one at hand.
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const options = { cwd: fileURLToPath(root), stdio: ['ignore', 'inherit', 'inherit'] }
  const npm = process.env.npm_execpath
  const { status } = npm
    ? spawnSync(process.execPath, [npm, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
  if (status !== 0) {
    console.error('taskport: they could not be installed: npm says why above')
    process.exit(1)
  }
}
