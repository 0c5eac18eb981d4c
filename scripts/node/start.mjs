// Runs before each program of scripts/ (node --import): says in a line what is missing, and lets
// versions of Node that do not run TypeScript run it. Plain JavaScript, for those versions.
import { existsSync, readFileSync } from 'node:fs'
import { register } from 'node:module'

const OLDEST = [20, 11]
const root = new URL('../../', import.meta.url)

const fail = (message) => {
  console.error(`taskport: ${message}`)
  process.exit(1)
}

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
  fail(`Node ${process.versions.node} is too old, it takes ${OLDEST.join('.')} or newer`)

const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
const lackingOf = (packages) =>
  Object.keys(packages).filter(
    (name) => !existsSync(new URL(`node_modules/${name}/package.json`, root)),
  )
const missing = lackingOf(manifest.dependencies)
if (missing.length > 0) {
  const what =
    missing.length === Object.keys(manifest.dependencies).length
      ? 'the packages are not installed'
      : `the packages are not all installed, ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`
  fail(`${what}: run npm ci first`)
}

/** Programs for developers, which use packages that npm ci leaves out. */
const NEED_TOOLS = /(?:bench|profile|size|build-binary|generate-migrations)\.ts$/
if (NEED_TOOLS.test(process.argv[1] ?? '') && lackingOf(manifest.devDependencies).length > 0)
  fail('this needs packages that npm ci leaves out: run npm ci --include=dev first')

if (!process.features.typescript) register('./typescript.mjs', import.meta.url)
