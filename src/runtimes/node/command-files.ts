/** The commands that operators need beside the server, by the names of their npm scripts. */
export const commandNames = [
  'user',
  'db:copy',
  'db:migrate',
  'export',
  'import',
  'import:legacy',
  'backup',
  'backup:verify',
  'restore',
] as const
export type CommandName = (typeof commandNames)[number]

export const isCommandName = (name: string): name is CommandName =>
  commandNames.includes(name as CommandName)

/** Its bundle, beside that of the server. */
export const commandFile = (name: CommandName): string =>
  `commands/${name === 'db:migrate' ? 'migrate' : name.replace(':', '-')}.js`
