// npm run build: the server for Node in dist/, so that a start loads a few files instead of a
// thousand.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildForNode } from './build/for-node.ts'

const root = join(import.meta.dirname, '..')

rmSync(join(root, 'dist'), { recursive: true, force: true })
const entries = {
  server: 'src/runtimes/node.ts',
  'worker-process': 'src/runtimes/node/worker-process.ts',
  'backup-worker': 'src/runtimes/node/backup/worker.ts',
  'checkpoints-worker': 'src/runtimes/node/checkpoints/worker.ts',
  'long-reads-worker': 'src/runtimes/node/long-reads/worker.ts',
}
await buildForNode({ root, entries, outdir: 'dist', sourcemap: true })
