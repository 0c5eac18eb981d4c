// Runs before each program of scripts/ (node --import): says in a line what is missing, and lets
// versions of Node that do not run TypeScript run it. Plain JavaScript, for those versions.
import { existsSync, readFileSync } from 'node:fs'
import { register } from 'node:module'

const OLDEST = 20
const root = new URL('../../', import.meta.url)

const fail = (message) => {
  console.error(`taskport: ${message}`)
  process.exit(1)
}

if (Number.parseInt(process.versions.node, 10) < OLDEST)
  fail(`Node ${process.versions.node} is too old, it takes ${OLDEST} or newer`)

const { dependencies } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
const missing = Object.keys(dependencies).filter(
  (name) => !existsSync(new URL(`node_modules/${name}/package.json`, root)),
)
if (missing.length > 0) {
  const what =
    missing.length === Object.keys(dependencies).length
      ? 'the packages are not installed'
      : `the packages are not all installed, ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`
  fail(`${what}: run npm ci first`)
}

if (!process.features.typescript) register('./typescript.mjs', import.meta.url)
