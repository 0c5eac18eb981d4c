// npm run build: the server for Node in dist/, so that a start loads a few files instead of a thousand.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildForNode } from './build/for-node.ts'

const root = join(import.meta.dirname, '..')

rmSync(join(root, 'dist'), { recursive: true, force: true })
await buildForNode({ root, entries: { server: 'src/runtimes/node.ts' }, outdir: 'dist', sourcemap: true })
