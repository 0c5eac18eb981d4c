// How bundles for Node are made: the server's, and the commands' in the image.
import { build, type Plugin } from 'esbuild'
import { commitOf } from '../../src/runtimes/node/commit.ts'
import { onlyVersion } from './manifest.ts'
import { english, slimZod } from './zod.ts'

type Options = {
  readonly root: string
  /** Sources by the names of their bundles, which share what they have in common. */
  readonly entries: Readonly<Record<string, string>>
  readonly outdir: string
  readonly sourcemap?: boolean
  /** Takes in the packages that are outside otherwise, by these plugins; none without it. */
  readonly takesIn?: readonly Plugin[]
}

/** Native code, and drivers that are loaded only where they are used. */
const OUTSIDE = ['libsql', '@libsql/client', 'postgres', 'mysql2']

export const buildForNode = async ({
  root,
  entries,
  outdir,
  sourcemap = false,
  takesIn,
}: Options): Promise<void> => {
  await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir,
    bundle: true,
    // Drivers and other dialects are loaded when they are used.
    splitting: true,
    chunkNames: '[name]-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // Names stay as they are: whoever reads a stack trace wants them, and they cost less than
    // functions that keep them.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap,
    sourcesContent: false,
    define: { BUILT_COMMIT: JSON.stringify(commitOf(root) ?? '') },
    external: takesIn ? [] : OUTSIDE,
    banner: {
      js: "import{createRequire as requireFrom}from'node:module';const require=requireFrom(import.meta.url);",
    },
    plugins: [english, slimZod, onlyVersion, ...(takesIn ?? [])],
    logLevel: 'warning',
  })
}
