import type { Ctx } from '../../core/context.ts'
import { FIRST_ID } from '../../core/ids.ts'
import { getUser } from '../account/index.ts'
import type { Reminder } from '../reminders/index.ts'
import { hasLongTexts, noteTexts } from '../tasks/index.ts'
import { type Entry, entriesBehind } from './log.ts'
import { charactersIn, fitting, thingsOf } from './page-length.ts'
import type { Changes } from './schemas.ts'
import { standingOf } from './standing.ts'
import { addThings, noThings } from './things.ts'
import { endOf, type Place, placeIn, tokenOf } from './token.ts'

type Asked = { readonly since?: string | undefined; readonly limit: number }

/** Entries whose things are read together, and of users whose tasks have long texts. */
const PORTION = 100
const LONG_PORTION = 8
/** Characters behind which a page ends, however few entries it has. */
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
  const size = hasLongTexts(ctx) ? LONG_PORTION : PORTION
  let [done, behind] = [0, place as Place]
  while (done < entries.length && charactersIn(things) <= LONG) {
    const portion = entries.slice(done, done + size)
    const last = portion.at(-1) as Entry
    await addThings(ctx, { entries: portion, behind, last }, things)
    done += portion.length
    behind = { seq: last.seq, id: last.id, from: place.from }
  }
  noteTexts(ctx, things.tasks)
  const told = entries.slice(0, fitting(entries.slice(0, done), things, LONG))
  const last = told.at(-1)
  if (last && told.length < done) behind = { seq: last.seq, id: last.id, from: place.from }
  const hasMore = told.length < found.length
  const shown = told.length < done ? thingsOf(told, things) : things
  return {
    ...shown,
    reminders: [...shown.reminders.values()].toSorted(byId),
    gone: told.flatMap(({ entity, id, gone }) => (gone ? [{ entity, id }] : [])),
    token: tokenOf(standing, hasMore ? behind : endOf(standing)),
    has_more: hasMore,
  }
}
