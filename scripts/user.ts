// Accounts, for whoever runs the service: npm run user -- add EMAIL, or reset-password EMAIL
// (docs/operating.md). Reads the password from standard input. Configured as the service is.
import { existsSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { ConfigError, parseConfig } from '../src/config.ts'
import { systemClock } from '../src/core/clock.ts'
import { DomainError } from '../src/core/errors.ts'
import { createIds } from '../src/core/ids.ts'
import { silent } from '../src/core/log.ts'
import { addUser, resetPassword } from '../src/features/account/index.ts'
import { createPasswords } from '../src/features/account/passwords/passwords.ts'
import { openDatabase } from '../src/runtimes/node/database.ts'
import { type DatabaseTarget, findDatabaseTarget } from '../src/runtimes/node/database-target.ts'
import { makePrivately } from '../src/runtimes/node/filesystem.ts'
import { Refusal } from '../src/runtimes/node/refusal.ts'

const USAGE = `usage: npm run user -- add EMAIL             makes an account, also where REGISTRATION is closed
       npm run user -- reset-password EMAIL  gives an account another password, and ends its sessions and API keys
The password is read from standard input.`
/** The command was not understood; one that was refused ends with 1. */
const EXIT_USAGE = 2

const commands = {
  add: { run: addUser, done: (email: string) => `${email} has an account.` },
  'reset-password': {
    run: resetPassword,
    done: (email: string) =>
      `${email} has a new password; all sessions and API keys of that account have ended.`,
  },
} as const
type Command = (typeof commands)[keyof typeof commands]

const passwordOnInput = async (): Promise<string> => {
  if (process.stdin.isTTY) console.error('The new password, then Enter and Control-D:')
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  if (password === '') throw new Refusal('standard input is empty, where the password is expected')
  return password
}

/**
 * The service makes its database itself; a mistyped folder is not made into another one. Throws
 * Refusal.
 */
const expectDatabase = (target: DatabaseTarget): void => {
  if (target.kind !== 'file' || existsSync(target.path)) return
  throw new Refusal(
    `${target.variable} leads to ${target.path}, which does not exist: correct it, or start the service once, which makes it`,
  )
}

const run = async ({ run, done }: Command, email: string): Promise<void> => {
  makePrivately()
  const config = parseConfig(process.env)
  const password = await passwordOnInput()
  const target = findDatabaseTarget(config)
  expectDatabase(target)
  const { db } = await openDatabase(target, config)
  try {
    const ctx = {
      db,
      clock: systemClock,
      ids: createIds(systemClock),
      log: silent,
      quotas: config.quotas,
    }
    await run(ctx, createPasswords(), { email, password })
    console.log(done(email))
  } finally {
    await db.close()
  }
}

const [name = '', email, ...more] = process.argv.slice(2)
const command = Object.hasOwn(commands, name) ? commands[name as keyof typeof commands] : undefined
if ([name, email].includes('--help')) console.log(USAGE)
else if (!command || email === undefined || more.length > 0) {
  console.error(USAGE)
  process.exitCode = EXIT_USAGE
} else
  try {
    await run(command, email)
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof Refusal || error instanceof DomainError))
      throw error
    for (const line of error.message.split('\n')) console.error(`taskport: ${line}`)
    process.exitCode = 1
  }
