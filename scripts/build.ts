// npm run build: the server for Node in dist/, so that a start loads a few files instead of a
// thousand.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { entries } from './build/entries.ts'
import { buildForNode } from './build/for-node.ts'
import { unwritable } from './build/unwritable.ts'
import { runProgram } from './support/program.ts'

const root = join(import.meta.dirname, '..')

const program = {
  name: 'npm run build',
  forms: [''],
  about: 'Builds the server for Node into dist/, which npm start runs.',
  options: {},
  examples: [['', 'builds']],
} as const

await runProgram(
  program,
  async () => {
    rmSync(join(root, 'dist'), { recursive: true, force: true })
    await buildForNode({ root, entries, outdir: 'dist', sourcemap: true })
  },
  { explain: unwritable(join(root, 'dist')) },
)
