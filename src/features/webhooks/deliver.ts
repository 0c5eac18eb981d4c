// Sends what is due, several at a time, in turn between the users.

import { logFailedWork } from '../../core/failed-work.ts'
import { type Instant, instantOf } from '../../db/instant.ts'
import { isSuperseded } from '../../db/portable.ts'
import { attemptDelivery } from './attempt.ts'
import type { SendingCtx } from './context.ts'
import type { StoredDelivery } from './delivery-row.ts'
import { dueEndpoints, dueOf, type Endpoint, nextDue } from './due.ts'
import { expandEvents } from './expand.ts'
import { shares } from './shares.ts'

/** Attempts at a time in one process. Most wait for an answer, which costs little. */
const AT_ONCE = { all: 64, user: 4, endpoint: 2, failing: 24 } as const
/** While attempts run it is looked for others this often, in milliseconds. */
const LOOK_MS = 1_000
/** Attempts that end within so many milliseconds are followed by one look. */
const TOGETHER_MS = 5

type Delivered = {
  /** Attempts that were made. */
  readonly attempted: number
  /** When the first is due that waits. */
  readonly next: Instant | undefined
}

type Options = {
  /** Milliseconds after which no other attempt begins. */
  readonly budgetMs?: number
}

/**
 * Makes deliveries of what has happened and sends those that are due, until none is. Several
 * processes may do this at once. Throws Superseded.
 */
export const deliverDue = async (
  ctx: SendingCtx,
  { budgetMs = Number.POSITIVE_INFINITY }: Options = {},
): Promise<Delivered> => {
  const running = new Map<string, Endpoint>()
  const ended = new Set<Promise<void>>()
  const passed = new Set<string>()
  const began = performance.now()
  let attempted = 0
  let isBehind = false
  const begin = (delivery: StoredDelivery, endpoint: Endpoint): void => {
    attempted++
    running.set(delivery.id, endpoint)
    const run = attemptDelivery(ctx, delivery)
      .catch((error: unknown) => {
        // It is tried again with the next look.
        passed.add(delivery.id)
        if (!isSuperseded(error))
          logFailedWork(ctx, 'a webhook could not be delivered', {
            delivery_id: delivery.id,
            error,
          })
      })
      .finally(() => {
        running.delete(delivery.id)
        ended.delete(run)
      })
    ended.add(run)
  }
  while (!ctx.signal?.aborted && performance.now() - began < budgetMs) {
    isBehind = await expandEvents(ctx)
    const upTo = instantOf(ctx.clock.now())
    const endpoints = await dueEndpoints(ctx, upTo)
    const before = attempted
    for (const { count, ...endpoint } of shares(endpoints, [...running.values()], AT_ONCE)) {
      const limit = count + running.size + passed.size
      const due = await dueOf(ctx, endpoint.id, { upTo, limit })
      const free = due.filter((one) => !running.has(one.id) && !passed.has(one.id))
      for (const delivery of free.slice(0, count)) begin(delivery, endpoint)
    }
    if (running.size === 0 && attempted === before) {
      if (isBehind) continue
      break
    }
    await Promise.race([...ended, pause(LOOK_MS)])
    await pause(TOGETHER_MS)
  }
  await Promise.all(ended)
  const next = isBehind ? instantOf(ctx.clock.now()) : await nextDue(ctx)
  return { attempted, next }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
