// What the first process does for its workers.
import type { RequestCount } from '../../../core/broadcast.ts'
import type { DatabaseLifecycle } from '../database-lifecycle.ts'
import type { Member } from './pool-worker.ts'
import type { PrimaryMethods } from './protocol.ts'
import { receiveBatches } from './write-forwarding.ts'

/**
 * How long the first process waits for a worker that is busy. A worker that is busy for longer
 * forgets a revoked credential later than the request that revoked it is answered, and the metrics
 * show what it had counted when it last answered.
 */
const WAIT_MS = 1_000

type Parts = {
  readonly runtime: string
  /** Resolves when the database is open. */
  readonly lifecycle: Promise<DatabaseLifecycle>
  /** All processes, with the first. */
  members(): readonly Member[]
}

export type PrimaryCalls = {
  /** The methods that `caller` may call. */
  methodsFor(caller: () => Member): Omit<PrimaryMethods, 'up'>
  /** Adds what a worker that has ended had answered. */
  addDeparted(worker: Member): void
}

export const createPrimaryCalls = ({ runtime, lifecycle, members }: Parts): PrimaryCalls => {
  let departed: readonly RequestCount[] = []
  const others = (caller: Member) => members().filter((member) => member !== caller)
  const methodsFor = (caller: () => Member): Omit<PrimaryMethods, 'up'> => ({
    atomic: receiveBatches({
      atomic: async (writes, options) => (await lifecycle).db.atomic(writes, options),
    }),
    revoked: async () => {
      const told = others(caller()).map(({ peer }) => peer.call('revoked'))
      await atMostWait(Promise.allSettled(told))
    },
    counted: async (counted) => {
      for (const { peer } of others(caller())) peer.call('counted', counted).catch(() => {})
    },
    answered: async () => {
      await atMostWait(Promise.all(members().map(updateCounts)))
      return sum([departed, ...members().map(({ answered }) => answered)])
    },
    backups: async () => {
      const { backups } = (await lifecycle).about(runtime)
      if (!backups) throw new Error('this database is not copied')
      return backups()
    },
    storage: async () => {
      const state = await (await lifecycle).db.storage?.()
      if (!state) throw new Error('nothing is known of the storage of this database')
      return state
    },
  })
  return {
    methodsFor,
    addDeparted: ({ answered }) => {
      departed = sum([departed, answered])
    },
  }
}

const atMostWait = (all: Promise<unknown>): Promise<unknown> =>
  Promise.race([all, new Promise((resolve) => setTimeout(resolve, WAIT_MS).unref())])

const updateCounts = async (member: Member): Promise<void> => {
  member.answered = await member.peer.call('answered').catch(() => member.answered)
}

const sum = (lists: readonly (readonly RequestCount[])[]): RequestCount[] => {
  const totals = new Map<string, RequestCount>()
  for (const one of lists.flat()) {
    const key = `${one.status} ${one.operation}`
    totals.set(key, { ...one, total: one.total + (totals.get(key)?.total ?? 0) })
  }
  return [...totals.values()]
}
