// What the image holds: the server and the commands as bundles, what Node compiles of the server,
// the migrations, the pages' files, and the packages that the bundles leave outside. No sources, no
// types, no build tools, nothing of another platform.
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { buildCommands } from '../build/commands.ts'
import { compile } from './compile.ts'
import { packagesOf } from './packages.ts'

const ROOT = join(import.meta.dirname, '../..')
/** Of Swagger UI, `/docs` shows two files; what else is in its package is ten times as large. */
const SWAGGER = [
  'package.json',
  'LICENSE',
  'NOTICE',
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-bundle.js.LICENSE.txt',
]
/** What Node loads, and the licences. */
const LOADED = /\.(?:[cm]?js|json|node|wasm)$|^(?:licen[cs]e|notice)/i
/** Packages inside packages are looked at by themselves. */
const UNUSED = /^(?:node_modules|tests?)\//

/**
 * Lays out the image's own files in an empty folder, as they stand in its root: `app/` and `data/`.
 * Wants the server in `dist/` (npm run build). Answers how many bytes they are: the size of the
 * image's own layers.
 */
export const layOut = async (target: string): Promise<number> => {
  const app = resolve(target, 'app')
  const take = (path: string) => {
    mkdirSync(dirname(join(app, path)), { recursive: true })
    cpSync(join(ROOT, path), join(app, path))
  }
  const takeFolder = (path: string, wanted: (file: string) => boolean) => {
    for (const file of filesIn(join(ROOT, path)).filter(wanted)) take(join(path, file))
  }
  takeFolder('dist', (file) => !file.endsWith('.map'))
  takeFolder('drizzle', (file) => file.endsWith('.sql'))
  takeFolder('src/http/pages', (file) => /\.(?:css|js)$/.test(file))
  const { name, version, license, type, scripts } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  )
  const bundled = await buildCommands(ROOT, join(app, 'dist'))
  const commands = Object.fromEntries(
    Object.entries(bundled).map(([command, file]) => [command, `node dist/${file}`]),
  )
  const bundles = filesIn(join(app, 'dist')).map((file) => join(app, 'dist', file))
  for (const { folder } of await packagesOf(bundles, ROOT))
    takeFolder(relative(ROOT, folder), (file) => !UNUSED.test(file) && LOADED.test(basename(file)))
  for (const file of SWAGGER) take(join('node_modules/swagger-ui-dist', file))
  const manifest = {
    name,
    version,
    license,
    type,
    private: true,
    scripts: { start: scripts.start, ...commands },
  }
  writeFileSync(join(app, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  // The one folder that is written to, open like /tmp: whichever user the host runs the container
  // as, and a tmpfs put there, may write. It is no VOLUME: an anonymous one would look like a disk
  // that keeps what is on it.
  mkdirSync(join(target, 'data'))
  chmodSync(join(target, 'data'), 0o1777)
  chmodSync(target, 0o755)
  await compile(app, scripts.start)
  return filesIn(target).reduce((bytes, file) => bytes + statSync(join(target, file)).size, 0)
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(folder, file)).isFile(),
  )
