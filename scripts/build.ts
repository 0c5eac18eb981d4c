// npm run build: the server for Node in dist/, so that a start loads a few files instead of a
// thousand.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { entries } from './build/entries.ts'
import { buildForNode } from './build/for-node.ts'
import { runBuild } from './build/program.ts'

const root = join(import.meta.dirname, '..')

await runBuild(
  {
    name: 'npm run build',
    about: 'Builds the server for Node into dist/, which npm start runs.',
    folder: join(root, 'dist'),
  },
  async () => {
    rmSync(join(root, 'dist'), { recursive: true, force: true })
    await buildForNode({ root, entries, outdir: 'dist', sourcemap: true })
  },
)
