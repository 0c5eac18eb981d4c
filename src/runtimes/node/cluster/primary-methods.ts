// What the first process does for its workers.
import type { Figures } from '../../../core/broadcast.ts'
import type { JobRuns } from '../../../core/job-runs.ts'
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
  readonly jobs: Pick<JobRuns, 'reports'>
  /** All processes, with the first. */
  members(): readonly Member[]
}

export type PrimaryCalls = {
  /** The methods that `caller` may call. */
  methodsFor(caller: () => Member): Omit<PrimaryMethods, 'up'>
  /** Adds what a worker that has ended had counted. */
  addDeparted(worker: Member): void
}

export const createPrimaryCalls = ({ runtime, lifecycle, jobs, members }: Parts): PrimaryCalls => {
  let departed: Figures = {}
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
    reminded: async (at) => {
      for (const { peer } of others(caller())) peer.call('reminded', at).catch(() => {})
    },
    grown: async (readers) => {
      for (const { peer } of others(caller())) peer.call('grown', readers).catch(() => {})
    },
    figures: async () => {
      await atMostWait(Promise.all(members().map(updateFigures)))
      return sum([departed, ...members().map(({ figures }) => figures)])
    },
    jobs: async () => jobs.reports(),
    backups: async () => {
      const { backups } = (await lifecycle).about(runtime)
      if (!backups) throw new Error('this database has no backups')
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
    addDeparted: ({ figures }) => {
      departed = sum([departed, countersOf(figures)])
    },
  }
}

const atMostWait = (all: Promise<unknown>): Promise<unknown> =>
  Promise.race([all, new Promise((resolve) => setTimeout(resolve, WAIT_MS).unref())])

const updateFigures = async (member: Member): Promise<void> => {
  member.figures = await member.peer.call('figures').catch(() => member.figures)
}

/** What goes on counting; a process that has ended has no memory. */
const countersOf = (figures: Figures): Figures =>
  Object.fromEntries(
    Object.entries(figures).filter(([series]) => /_(total|bucket|sum|count)(\{|$)/.test(series)),
  )

const sum = (all: readonly Figures[]): Figures => {
  const sums: Record<string, number> = {}
  for (const figures of all)
    for (const [series, value] of Object.entries(figures))
      sums[series] = (sums[series] ?? 0) + value
  return sums
}
