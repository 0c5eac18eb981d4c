// npm run build:binary: the service as a single file, which needs no Node, no npm and no folder
// beside it. esbuild bundles as it does for Node; Bun puts the bundles, itself and what they read
// into one file, in which they find it as if it stood in a folder.
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { commandEntries } from './build/commands.ts'
import { entries } from './build/entries.ts'
import { buildForNode } from './build/for-node.ts'
import { nativeFile, withNative } from './build/native.ts'
import { runBuild } from './build/program.ts'

const root = join(import.meta.dirname, '..')
const target = join(root, 'dist-binary')
const parts = join(target, 'parts')

/** The threads that the service has on Bun, too. Processes it has one. */
const { server: _server, 'worker-process': _worker, ...threads } = entries
const bundles = { taskport: 'src/runtimes/bun/executable.ts', ...threads, ...commandEntries }

/** What they read, as it stands in the folder of the package. */
const layOutFiles = (): void => {
  const take = (from: string, to: string, wanted: RegExp): void =>
    cpSync(from, join(parts, to), {
      recursive: true,
      filter: (path) => !/\.\w+$/.test(basename(path)) || wanted.test(path),
    })
  take(join(root, 'drizzle'), 'drizzle', /\.sql$/)
  take(join(root, 'src/http/pages'), 'src/http/pages', /\.(?:css|js)$/)
  const swagger = join(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'), '..')
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js'])
    cpSync(join(swagger, name), join(parts, 'swagger-ui-dist', name))
  cpSync(nativeFile(root), join(parts, 'libsql.node'))
}

/** The service starts as on Node: it reads no file `.env` or `bunfig.toml` of the present folder. */
const AS_IS = ['--no-compile-autoload-dotenv', '--no-compile-autoload-bunfig']

const compile = (): void => {
  const files = Object.keys(bundles).map((name) => `./${name}.js`)
  const assets = ['drizzle', 'src', 'swagger-ui-dist', 'libsql.node']
  execFileSync(
    join(root, 'node_modules/.bin/bun'),
    [
      'build',
      '--compile',
      '--splitting',
      '--keep-names',
      '--root=.',
      ...AS_IS,
      ...assets.map((name) => `--asset=${name}`),
      ...files,
      '--outfile=../taskport',
    ],
    { cwd: parts, stdio: ['ignore', 'ignore', 'inherit'] },
  )
}

await runBuild(
  {
    name: 'npm run build:binary',
    about:
      'Builds the service as a single file for this system, dist-binary/taskport, which needs nothing else to run.',
    folder: target,
  },
  async () => {
    rmSync(target, { recursive: true, force: true })
    await buildForNode({ root, entries: bundles, outdir: parts, takesIn: [withNative] })
    layOutFiles()
    compile()
    rmSync(parts, { recursive: true })
  },
)
