// What `npm pack` packs, before it does: the bundles of the server, of the command `taskport` and of
// what programs import, with its types.
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildCommands } from './build/commands.ts'
import { entries } from './build/entries.ts'
import { buildForNode } from './build/for-node.ts'
import { runBuild } from './build/program.ts'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

await runBuild(
  {
    name: 'npm run build:package',
    about: 'Builds what npm pack packs into dist/. npm pack runs it itself.',
    folder: dist,
  },
  async () => {
    rmSync(dist, { recursive: true, force: true })
    const more = { cli: 'src/runtimes/node/cli.ts', index: 'src/runtimes/node/embedded.ts' }
    await buildForNode({ root, entries: { ...entries, ...more }, outdir: 'dist' })
    await buildCommands(root, dist)
    copyFileSync(join(root, 'src/runtimes/node/embedded.d.mts'), join(dist, 'index.d.ts'))
  },
)
