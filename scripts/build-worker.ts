// Builds the Worker that wrangler.toml names: npm run build:worker. wrangler itself runs it before
// it deploys or serves.
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'
import { commitOf } from '../src/runtimes/node/commit.ts'
import { onlyVersion } from './build/manifest.ts'
import { runBuild } from './build/program.ts'
import { english, slimZod } from './build/zod.ts'

const ROOT = join(import.meta.dirname, '..')
const SCRIPT = join(ROOT, 'dist-worker/script')
const ASSETS = join(ROOT, 'dist-worker/assets')

const buildScript = async () => {
  rmSync(SCRIPT, { recursive: true, force: true })
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { worker: 'src/runtimes/cloudflare.ts' },
    outdir: SCRIPT,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2024',
    mainFields: ['module', 'main'],
    conditions: ['workerd', 'worker', 'browser', 'import'],
    // Papa Parse asks for `stream` where it is given one, which nothing here does.
    external: ['node:*', 'cloudflare:*', 'stream'],
    loader: { '.sql': 'text' },
    minify: true,
    define: { BUILT_COMMIT: JSON.stringify(commitOf(ROOT) ?? '') },
    metafile: true,
    plugins: [english, slimZod, onlyVersion],
  })
  // What is in which file: npm run size reads it.
  writeFileSync(join(ROOT, 'dist-worker/meta.json'), JSON.stringify(metafile))
}

/**
 * The pages' files are served by the platform, without the Worker; their headers are those of
 * http/system.ts.
 */
const copyAssets = (): void => {
  const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  rmSync(ASSETS, { recursive: true, force: true })
  mkdirSync(join(ASSETS, 'assets'), { recursive: true })
  const pages = join(ROOT, 'src/http/pages')
  const own = readdirSync(pages).filter((name) => /\.(css|js)$/.test(name))
  for (const name of own) copyFileSync(join(pages, name), join(ASSETS, 'assets', name))
  for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js'])
    copyFileSync(join(swagger, name), join(ASSETS, 'assets', name))
  writeFileSync(
    join(ASSETS, '_headers'),
    '/assets/*\n  Cache-Control: public, max-age=3600\n  Vary: Accept-Encoding\n  X-Content-Type-Options: nosniff\n',
  )
}

await runBuild(
  {
    name: 'npm run build:worker',
    about: 'Builds the Worker that wrangler.toml names into dist-worker/. wrangler runs it itself.',
    folder: join(ROOT, 'dist-worker'),
  },
  async () => {
    await buildScript()
    copyAssets()
  },
)
