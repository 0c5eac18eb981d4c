// Lays out what the image holds, after npm run build: node scripts/image.ts FOLDER (the Dockerfile does). The server and the commands
// as bundles, the migrations, the pages' files, the packages that the bundles leave outside. No sources, no types, no build tools.
import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { build } from 'esbuild'
import manifest from '../package.json' with { type: 'json' }
import { packagesOf } from './image/packages.ts'

const ROOT = join(import.meta.dirname, '..')
/** The npm scripts that operators need beside the server. */
const COMMANDS = ['user', 'db:copy', 'db:migrate'] as const
/** Of Swagger UI, `/docs` shows two files; what else is in its package is ten times as large. */
const SWAGGER = ['package.json', 'LICENSE', 'NOTICE', 'swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-bundle.js.LICENSE.txt']
/** What Node loads, and the licences. */
const LOADED = /\.(?:[cm]?js|json|node|wasm)$|^(?:licen[cs]e|notice)/i

const files = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => statSync(join(folder, file)).isFile())

const image = async (target: string): Promise<void> => {
  const app = join(target, 'app')
  const take = (path: string) => {
    mkdirSync(dirname(join(app, path)), { recursive: true })
    cpSync(join(ROOT, path), join(app, path))
  }
  const takeFolder = (path: string, wanted: (file: string) => boolean) => {
    for (const file of files(join(ROOT, path)).filter(wanted)) take(join(path, file))
  }
  takeFolder('dist', (file) => file.endsWith('.js'))
  takeFolder('drizzle', (file) => file.endsWith('.sql'))
  takeFolder('src/http/pages', (file) => /\.(?:css|js)$/.test(file))
  const scripts = await buildCommands(join(app, 'dist/commands'))
  const bundles = files(join(app, 'dist')).map((file) => join(app, 'dist', file))
  for (const { folder } of await packagesOf(bundles, ROOT))
    takeFolder(relative(ROOT, folder), (file) => !file.includes('node_modules/') && LOADED.test(basename(file)))
  for (const file of SWAGGER) take(join('node_modules/swagger-ui-dist', file))
  const { name, version, license, type } = manifest
  const own = { name, version, license, type, private: true, scripts: { start: 'node dist/server.js', ...scripts } }
  writeFileSync(join(app, 'package.json'), `${JSON.stringify(own, null, 2)}\n`)
  mkdirSync(join(target, 'data'))
}

/** The commands as bundles that share what they have in common; answers the scripts that run them. */
const buildCommands = async (outdir: string): Promise<Record<string, string>> => {
  const sources = COMMANDS.map((command) => manifest.scripts[command].replace(/^node /, ''))
  await build({
    entryPoints: sources.map((source) => join(ROOT, source)),
    outdir,
    bundle: true,
    splitting: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    external: ['libsql', '@libsql/client', 'postgres', 'mysql2'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
    logLevel: 'error',
  })
  return Object.fromEntries(
    COMMANDS.map((command, i) => [command, `node dist/commands/${basename(sources[i] as string).replace(/ts$/, 'js')}`]),
  )
}

const [target] = process.argv.slice(2)
if (target === undefined) throw new Error('usage: node scripts/image.ts FOLDER')
await image(target)
