// The commands of operators as bundles: in the image, and in the package.
import { commandFile, commandNames } from '../../src/runtimes/node/command-files.ts'
import { buildForNode } from './for-node.ts'

/** Their sources, where the names of the files differ from those of the npm scripts. */
const sources: Readonly<Record<string, string>> = { 'db:migrate': 'migrate' }

/** The sources of the commands by the names of their bundles, which are in `commands/`. */
export const commandEntries: Readonly<Record<string, string>> = Object.fromEntries(
  commandNames.map((name): [string, string] => [
    commandFile(name).replace(/\.js$/, ''),
    `scripts/${sources[name] ?? name.replace(':', '-')}.ts`,
  ]),
)

/**
 * Bundles them into `commands/` below `outdir`. Answers the file of each below that folder, by the
 * name of its npm script.
 */
export const buildCommands = async (
  root: string,
  outdir: string,
): Promise<Record<string, string>> => {
  await buildForNode({ root, entries: commandEntries, outdir })
  return Object.fromEntries(commandNames.map((name) => [name, commandFile(name)]))
}
