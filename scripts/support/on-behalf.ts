// A user of the service for whom an operator does something.
import { systemClock } from '../../src/core/clock.ts'
import { type Ctx, onBehalfOf } from '../../src/core/context.ts'
import { createIds } from '../../src/core/ids.ts'
import { silent } from '../../src/core/log.ts'
import { type ListedUser, showUser } from '../../src/features/account/index.ts'
import { UsageError } from '../../src/runtimes/node/command-line.ts'
import { isD1Place } from '../user/d1.ts'
import { openForUsers } from '../user/database.ts'

export const USER = { value: 'EMAIL|ID', doc: 'whose things they are' } as const
export const D1 = {
  value: 'local|remote',
  doc: 'works on the D1 database of wrangler.toml: that of wrangler dev, or the deployed one',
} as const

type Asked = { readonly user: string | undefined; readonly d1: string | undefined }
type Who = { readonly ctx: Ctx; readonly user: ListedUser }

/** Runs something for a user. Throws UsageError, ConfigError, Refusal, `not_found`. */
export const forUser = async (
  { user: who, d1 }: Asked,
  { changes }: { readonly changes: boolean },
  run: (who: Who) => Promise<void>,
): Promise<void> => {
  if (who === undefined) throw new UsageError('it takes --user EMAIL')
  if (d1 !== undefined && !isD1Place(d1)) throw new UsageError('--d1 takes local or remote')
  const { config, db, close } = await openForUsers({ d1, changes })
  try {
    const clock = systemClock
    const ctx = { db, clock, ids: createIds(clock), log: silent, quotas: config.quotas }
    const user = await showUser(ctx, who)
    await run({ ctx: onBehalfOf(ctx, user.id), user })
  } finally {
    await close()
  }
}
