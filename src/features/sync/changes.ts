import type { Ctx } from '../../core/context.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { getUser } from '../account/index.ts'
import type { Reminder } from '../reminders/index.ts'
import { type Entry, entriesBehind } from './log.ts'
import type { Changes } from './schemas.ts'
import { standingOf } from './standing.ts'
import { addThings, charactersIn, noThings } from './things.ts'
import { endOf, type Place, placeIn, tokenOf } from './token.ts'

type Asked = { readonly since?: string | undefined; readonly limit: number }

/** Entries whose things are read together. */
const PORTION = 100
/** Characters of long texts behind which a page ends, however few entries it has. */
const LONG = 1_000_000

/** Some come with their tasks, and have no entry that could order them. */
const byId = (a: Reminder, b: Reminder): number => (a.id < b.id ? -1 : 1)

/**
 * What has changed for the caller since a token, or all there is: the next page of it. Throws
 * `invalid` (no token), `sync_token_expired`.
 */
export const listChanges = async (ctx: Ctx, { since, limit }: Asked): Promise<Changes> => {
  // Before the entries: what the log tells behind this number is for the next page.
  const standing = await standingOf(ctx)
  const place =
    since === undefined ? { seq: 0, id: FIRST_ID, from: standing.seq } : placeIn(standing, since)
  const found = await entriesBehind(ctx, place, { upTo: standing.seq, limit: limit + 1 })
  const entries = found.slice(0, limit)
  const things = noThings()
  if (since === undefined) things.users.push(await getUser(ctx))
  let [done, behind] = [0, place as Place]
  while (done < entries.length && charactersIn(things) <= LONG) {
    const portion = entries.slice(done, done + PORTION)
    const last = portion.at(-1) as Entry
    await addThings(ctx, { entries: portion, behind, last }, things)
    done += portion.length
    behind = { seq: last.seq, id: last.id, from: place.from }
  }
  const told = entries.slice(0, done)
  const hasMore = done < found.length
  return {
    ...things,
    reminders: [...things.reminders.values()].toSorted(byId),
    gone: told.flatMap(({ entity, id, gone }) => (gone ? [{ entity, id }] : [])),
    token: tokenOf(standing, hasMore ? behind : endOf(standing)),
    has_more: hasMore,
  }
}
