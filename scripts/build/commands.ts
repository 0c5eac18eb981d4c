// The commands of operators as bundles: in the image, and in the package.
import { join } from 'node:path'
import { commandFile, commandNames } from '../../src/runtimes/node/command-files.ts'
import { buildForNode } from './for-node.ts'

/** Their sources, where the names of the files differ from those of the npm scripts. */
const sources: Readonly<Record<string, string>> = { 'db:migrate': 'migrate' }

/**
 * Bundles them into `commands/` below `outdir`. Answers the file of each below that folder, by the
 * name of its npm script.
 */
export const buildCommands = async (
  root: string,
  outdir: string,
): Promise<Record<string, string>> => {
  const entries = commandNames.map((name): [string, string] => [
    commandFile(name).replace(/\.js$/, ''),
    `scripts/${sources[name] ?? name.replace(':', '-')}.ts`,
  ])
  await buildForNode({ root, entries: Object.fromEntries(entries), outdir: join(outdir) })
  return Object.fromEntries(commandNames.map((name) => [name, commandFile(name)]))
}
