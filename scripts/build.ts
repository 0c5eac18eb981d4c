// npm run build: the server for Node in dist/, so that a start loads a few files instead of a thousand.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const root = join(import.meta.dirname, '..')

/** Zod brings its messages in fifty languages; the service speaks one. */
const english: Plugin = {
  name: 'english',
  setup: ({ onLoad }) => {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({ contents: "export { default as en } from './en.js'" }))
  },
}

rmSync(join(root, 'dist'), { recursive: true, force: true })
await build({
  absWorkingDir: root,
  entryPoints: {
    server: 'src/runtimes/node.ts',
    'replica-process': 'src/runtimes/node/replica-process.ts',
    'backup-worker': 'src/runtimes/node/backup/worker.ts',
  },
  outdir: 'dist',
  bundle: true,
  // Drivers and other dialects are loaded when they are used.
  splitting: true,
  chunkNames: '[name]-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node24',
  minify: true,
  keepNames: true,
  sourcemap: true,
  sourcesContent: false,
  // Native code, and drivers that are loaded only where they are used.
  external: ['libsql', '@libsql/client', 'postgres', 'mysql2'],
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  plugins: [english],
  logLevel: 'warning',
})
