// npm run user -- reset-password ada@example.org: reads the new password from standard input. Configured as the service is.
import { text } from 'node:stream/consumers'
import { getLogger } from '@logtape/logtape'
import { ConfigError, parseConfig } from '../src/config.ts'
import { systemClock } from '../src/core/clock.ts'
import { DomainError } from '../src/core/errors.ts'
import { createIds } from '../src/core/ids.ts'
import { resetPassword } from '../src/features/account/index.ts'
import { createPasswords } from '../src/identity/passwords.ts'
import { openDatabase } from '../src/runtimes/node/database.ts'
import { findPlace } from '../src/runtimes/node/place.ts'
import { Refusal } from '../src/runtimes/node/refusal.ts'

const fail = (line: string, code: number): void => {
  console.error(`taskport: ${line}`)
  process.exitCode = code
}

const reset = async (email: string): Promise<void> => {
  const config = parseConfig(process.env)
  if (process.stdin.isTTY) console.error('The new password, then Enter and Control-D:')
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  const { db } = await openDatabase(findPlace(config), config)
  try {
    const ctx = { db, clock: systemClock, ids: createIds(systemClock), log: getLogger('taskport'), quotas: config.quotas }
    await resetPassword(ctx, createPasswords(), { email, password })
    console.log(`${email} has a new password; all sessions and API keys of that account have ended.`)
  } finally {
    await db.close()
  }
}

const [command, email, ...more] = process.argv.slice(2)
if (command !== 'reset-password' || email === undefined || more.length > 0) fail('usage: npm run user -- reset-password EMAIL', 2)
else
  try {
    await reset(email)
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof Refusal || error instanceof DomainError)) throw error
    for (const line of error.message.split('\n')) fail(line, 1)
  }
