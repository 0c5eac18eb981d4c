// Fires reminders whose time has come: each once, of all processes on the database.
import {
  type Ctx,
  type Interruptible,
  now as instantNow,
  nowAfter,
  onBehalfOf,
} from '../../core/context.ts'
import { logFailedWork } from '../../core/failed-work.ts'
import { LAST_ID } from '../../core/ids.ts'
import { commit } from '../../core/unit-of-work.ts'
import { type Instant, instantOf } from '../../db/instant.ts'
import { isSuperseded } from '../../db/portable.ts'
import type { FiringCounts } from './counts.ts'
import { batchesOf, claim, type Due, nextTime, type Place, pageOfDue } from './due.ts'
import { reminderSettled } from './happened.ts'
import { isAtRest, partiesOfReminder } from './row.ts'

/** One that could not fire for so long never does. */
export const FIRES_WITHIN_MS = 24 * 60 * 60 * 1000
/** Later than this is late: on Workers the schedule runs every minute. */
const LATE_MS = 2 * 60_000
/** Reminders that are looked at together. */
const PAGE = 250
/** Batches in a row that others came before, until a look ends: they are at it. */
const MOST_STALE = 5

type FiringCtx = Omit<Ctx, 'actor'> & { readonly firings?: FiringCounts } & Interruptible

export type Fired = {
  readonly fired: number
  /** The next time for which one waits. */
  readonly next: Instant | undefined
  /** Did others keep coming before it, so that some are to be looked at again? */
  readonly contended: boolean
  /** The time of the first one that was due and failed. */
  readonly oldest: Instant | undefined
}

/**
 * Fires what is due, pages of it in the order of their time. A reminder is claimed by the write that says so, in
 * one batch with its event: so several processes may do this at once, and one that is killed leaves
 * it to the next. A clock that is ahead lets reminders fire early, once; what it takes for older
 * than a day it leaves alone, because that would be final.
 */
export const fireDue = async (ctx: FiringCtx): Promise<Fired> => {
  const now = ctx.clock.now()
  const upTo = instantOf(now)
  const failed = new Set<string>()
  let oldest: Instant | undefined
  let [fired, stale] = [0, 0]
  let place: Place | undefined = { fireAt: instantOf(now - FIRES_WITHIN_MS), id: LAST_ID }
  while (place !== undefined && stale < MOST_STALE && !ctx.signal?.aborted) {
    const page: Due[] = await pageOfDue(ctx, place, { upTo, limit: PAGE })
    const live = page.filter((due) => !isAtRest(due) && !failed.has(due.userId))
    if (live.length === 0) place = page.length < PAGE ? undefined : page.at(-1)
    for (const some of inAnyOrder(batchesOf(live))) {
      if (ctx.signal?.aborted) break
      const outcome = await fireBatch(ctx, some)
      if (outcome === 'failed') {
        const { userId, fireAt } = some[0] as Due
        failed.add(userId)
        if (oldest === undefined || fireAt < oldest) oldest = fireAt
      }
      stale = outcome === 'stale' ? stale + 1 : 0
      // Another process has come to them: what is left is read again.
      if (outcome === 'stale') break
      fired += outcome === 'fired' ? some.length : 0
    }
  }
  return { fired, next: await nextTime(ctx, upTo), contended: stale > 0, oldest }
}

/** Processes that fire at once begin at different places, so that they meet seldom. */
const inAnyOrder = <T>(all: readonly T[]): T[] => {
  const first = Math.floor(Math.random() * all.length)
  return [...all.slice(first), ...all.slice(0, first)]
}

type Firing = 'fired' | 'stale' | 'failed'

/**
 * One user's failure is logged and keeps no other waiting; it is tried again with the next look.
 * Throws Superseded.
 */
const fireBatch = async (system: FiringCtx, some: readonly Due[]): Promise<Firing> => {
  const first = some[0] as Due
  try {
    const ctx = { ...onBehalfOf(system, first.userId), moment: {} }
    const firedAt = instantNow(ctx)
    const delayOf = ({ fireAt }: Due) => Date.parse(firedAt) - Date.parse(fireAt)
    const claims = some.map((due) =>
      claim(ctx, due, {
        status: 'fired',
        firedAt,
        late: delayOf(due) > LATE_MS,
        rev: ctx.ids.next(),
        updatedAt: nowAfter(ctx, due.updatedAt),
      }),
    )
    const outcome = await commit(ctx, {
      parties: partiesOfReminder(first.ownerId, first),
      writes: claims,
      changes: some.map((due) => ({
        entity: 'reminder',
        id: due.id,
        event: reminderSettled(due, { late: delayOf(due) > LATE_MS }),
      })),
      mustTouch: [...claims.keys()],
      result: 'done' as const,
    })
    if (outcome === 'stale') return 'stale'
    for (const due of some) system.firings?.fired(delayOf(due), delayOf(due) > LATE_MS)
    return 'fired'
  } catch (error) {
    if (isSuperseded(error)) throw error
    logFailedWork(system, 'reminders of a user could not be fired', {
      user_id: first.userId,
      error,
    })
    return 'failed'
  }
}
