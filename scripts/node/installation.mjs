// What is installed here, for the programs that say in a line what is missing. Plain JavaScript, for
// versions of Node that do not run TypeScript, or nothing else of this repository.
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const OLDEST = [20, 11]
const root = new URL('../../', import.meta.url)
export const rootFolder = fileURLToPath(root)
export const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))

export const fail = (message) => {
  console.error(`taskport: ${message}`)
  process.exit(1)
}

export const lackingOf = (packages) =>
  Object.keys(packages).filter(
    (name) => !existsSync(new URL(`node_modules/${name}/package.json`, root)),
  )

export const expectNode = () => {
  const { node } = process.versions
  const [major, minor] = node.split('.').map(Number)
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    fail(
      `Node ${node} is too old, it takes ${OLDEST.join('.')} or newer: https://nodejs.org has one`,
    )
}

export const expectPackages = () => {
  const missing = lackingOf(manifest.dependencies)
  if (missing.length === 0) return
  const what =
    missing.length === Object.keys(manifest.dependencies).length
      ? 'the packages are not installed'
      : `the packages are not all installed, ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`
  fail(`${what}: run npm ci first`)
}

export const expectTools = () => {
  if (lackingOf(manifest.devDependencies).length > 0)
    fail('this needs packages that npm ci leaves out: run npm ci --include=dev first')
}

/** npm puts the programs of packages in front of `PATH`. */
export const isOnPath = (program) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .some((folder) =>
      ['', '.exe', '.cmd'].some((ending) => existsSync(join(folder, program + ending))),
    )
