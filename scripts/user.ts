// The users of the service, for its operator: npm run user (docs/operating.md). Configured as the
// service is.
import { systemClock } from '../src/core/clock.ts'
import { createIds } from '../src/core/ids.ts'
import { silent } from '../src/core/log.ts'
import type { Database } from '../src/db/database.ts'
import { createPasswords } from '../src/features/account/passwords/passwords.ts'
import { type Given, UsageError } from '../src/runtimes/node/command-line.ts'
import { Refusal } from '../src/runtimes/node/refusal.ts'
import { runProgram } from './support/program.ts'
import { AS_CONFIGURED, DRY_RUN, JSON_OUTPUT } from './support/service.ts'
import { answerTo, newPassword } from './support/terminal.ts'
import { type Command, commands } from './user/commands.ts'
import { isD1Place } from './user/d1.ts'
import { openForUsers } from './user/database.ts'

const program = {
  name: 'npm run user',
  forms: ['list', 'show EMAIL|ID', 'add EMAIL', 'reset-password EMAIL', 'delete EMAIL|ID [--yes]'],
  about: `Lists and shows users; makes an account, also where REGISTRATION is closed; gives an account another password, which ends its sessions and API keys; deletes a user with everything of theirs. A password is typed at a terminal, where it is not shown, or read from standard input. ${AS_CONFIGURED}`,
  options: {
    json: JSON_OUTPUT,
    yes: { doc: 'deletes without asking' },
    'dry-run': DRY_RUN,
    d1: {
      value: 'local|remote',
      doc: 'works on the D1 database of wrangler.toml: that of wrangler dev, or the deployed one',
    },
  },
  operands: [1, 2],
  examples: [
    ['add ada@example.org', 'asks for the password'],
    ['reset-password ada@example.org < file', 'takes the password from a file'],
    ['list --json', 'prints all users as JSON'],
    ['delete ada@example.org --dry-run', 'says who would be deleted'],
    ['--d1 remote add ada@example.org', 'makes an account on the deployed Worker'],
  ],
} as const

const commandOf = ({ operands: [name = '', ...rest] }: Given<typeof program.options>): Command => {
  const command = Object.hasOwn(commands, name)
    ? commands[name as keyof typeof commands]
    : undefined
  if (!command) throw new UsageError(`it takes one of ${Object.keys(commands).join(', ')}`)
  if (rest.length !== command.operands)
    throw new UsageError(
      command.operands === 0 ? `${name} takes no more` : `${name} takes one EMAIL`,
    )
  return command
}

/** Says yes to every batch, and writes none: what a command reads and refuses is real. */
const withoutWrites = (db: Database): Database => ({
  ...db,
  atomic: async (writes) => writes.map(() => 1),
})

const expectConsent = async (who: string, yes: boolean): Promise<void> => {
  if (yes) return
  const answer = await answerTo(`Delete ${who} and everything of theirs, for good? [y/N]`)
  if (answer === undefined) throw new UsageError('delete needs --yes where nobody can be asked')
  if (!/^y(es)?$/i.test(answer)) throw new Refusal('nothing was deleted')
}

await runProgram(program, async (given) => {
  const { json, yes, d1, 'dry-run': dry } = given.options
  const command = commandOf(given)
  if (d1 !== undefined && !isD1Place(d1)) throw new UsageError('--d1 takes local or remote')
  const who = given.operands[1] ?? ''
  if (command.needs === 'consent' && !dry) await expectConsent(who, yes)
  const password = command.needs === 'password' ? await newPassword() : ''
  const { config, db, close } = await openForUsers({ d1, changes: command.changes && !dry })
  try {
    const ctx = {
      db: dry ? withoutWrites(db) : db,
      clock: systemClock,
      ids: createIds(systemClock),
      log: silent,
      quotas: config.quotas,
    }
    const { text, result } = await command.run({ ctx, passwords: createPasswords(), who, password })
    const note = dry && command.changes ? 'a dry run, nothing was changed: ' : ''
    console.log(json ? JSON.stringify(result, undefined, 2) : `${note}${text}`)
  } finally {
    await close()
  }
})
