// The processes that answer requests. The pool starts workers, replaces those that end, deals
// connections to them and to the first process, and lets them finish.
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import type { Deps } from '../../../http/deps.ts'
import type { LogFormat } from '../log.ts'
import type { Listening } from '../platform.ts'
import { Refusal } from '../refusal.ts'
import { acceptWaiting, type Serving } from '../server.ts'
import { forkWorker, type Member, type PoolWorker } from './pool-worker.ts'
import type { Opening, PrimaryMethods } from './protocol.ts'
import { createRotation, type Rotation } from './rotation.ts'

/** When so many workers end in so many milliseconds, the service ends. */
const DEATHS = 5
const DEATHS_MS = 10_000
/**
 * After which the pool tries again to start a worker that the system could not start: it may lack
 * descriptors or processes for a while.
 */
const RESTART_MS = 3_000
/** How long after its grace a worker is killed. */
const BEYOND_MS = 1_000

export type Pool = {
  readonly workers: ReadonlySet<PoolWorker>
  /** Listens, and hands each connection to the next process. Throws the system's error. */
  listen(at: { readonly host: string; readonly port: number }): Promise<Listening>
  /** Sets what workers answer while the service is not there yet. */
  wait(reason: string): void
  /** Opens the database in every worker, now and in those that come later. Throws Refusal. */
  open(opening: Opening): Promise<void>
}

type Parts = {
  /** How many workers there are. */
  readonly count: number
  /** The first process, which answers requests too. */
  readonly own: Serving
  readonly log: Deps['log']
  readonly logFormat: LogFormat
  methodsFor(worker: () => Member): Omit<PrimaryMethods, 'up'>
  /** A worker has ended. */
  ended(worker: PoolWorker): void
  /** Workers end again and again. */
  broken(): void
}

type State = {
  readonly parts: Parts
  readonly workers: Set<PoolWorker>
  readonly rotation: Rotation
  /** When workers ended. */
  deaths: number[]
  reason: string | undefined
  opening: Opening | undefined
  /** The service ends: no worker is replaced any more. */
  ending: boolean
}

export const createPool = (parts: Parts): Pool => {
  const pool: State = {
    parts,
    workers: new Set(),
    rotation: createRotation(parts.own),
    deaths: [],
    reason: undefined,
    opening: undefined,
    ending: false,
  }
  for (let i = 0; i < parts.count; i++) startWorker(pool).catch(() => {})
  return {
    workers: pool.workers,
    wait: (reason) => {
      pool.reason = reason
      for (const worker of pool.workers) tellReason(worker, reason)
    },
    open: async (opening) => {
      pool.opening = opening
      await Promise.all([...pool.workers].map((worker) => openWhenUp(pool, worker, opening)))
    },
    listen: async ({ host, port }) => {
      const { dispatch } = pool.rotation
      const server = createServer({ pauseOnConnect: true, noDelay: true }, dispatch)
      await once(server.listen(port, host), 'listening')
      return {
        port: (server.address() as AddressInfo).port,
        drain: (graceMs) => drain(pool, server, graceMs),
      }
    },
  }
}

/** Starts a worker. Resolves when it serves. */
const startWorker = async (pool: State): Promise<PoolWorker> => {
  const { parts, workers, rotation } = pool
  const worker = forkWorker({ ...parts, rotation })
  workers.add(worker)
  watch(pool, worker)
  try {
    await serve(pool, worker)
  } catch (error) {
    const { child } = worker
    if (!pool.ending && workers.has(worker))
      parts.log.error('a worker cannot serve', { pid: child.pid, error })
    if (child.pid !== undefined) child.kill('SIGKILL')
    throw error
  }
  return worker
}

const watch = (pool: State, worker: PoolWorker): void => {
  const { log, ended } = pool.parts
  const { child } = worker
  child.on('error', (error) => {
    if (child.pid !== undefined)
      return log.error('a worker cannot be told', { pid: child.pid, error })
    log.error('a worker cannot be started', { error })
    forget(pool, worker)
    if (!pool.ending) setTimeout(() => restart(pool), RESTART_MS).unref()
  })
  child.once('exit', (code, signal) => {
    forget(pool, worker)
    ended(worker)
    if (!pool.ending) replace(pool, { pid: child.pid, code, signal })
  })
}

const forget = ({ workers, rotation }: State, worker: PoolWorker): void => {
  workers.delete(worker)
  rotation.remove(worker)
  worker.up.reject(new Error('a worker has ended before it was up'))
  worker.peer.end()
}

const replace = (pool: State, ended: Readonly<Record<string, unknown>>): void => {
  const now = performance.now()
  pool.deaths = [...pool.deaths.filter((at) => now - at < DEATHS_MS), now]
  pool.parts.log.error('a worker has ended, and is replaced', ended)
  if (pool.deaths.length >= DEATHS) pool.parts.broken()
  else restart(pool)
}

const restart = (pool: State): void =>
  void startWorker(pool).then(
    ({ child: { pid } }) => pool.parts.log.warning('a worker serves again', { pid }),
    () => {},
  )

const serve = async (pool: State, worker: PoolWorker): Promise<void> => {
  await worker.up.promise
  if (pool.reason !== undefined) tellReason(worker, pool.reason)
  if (pool.opening) await openOnce(worker, pool.opening)
  if (pool.workers.has(worker) && worker.child.connected) pool.rotation.add(worker)
}

const tellReason = ({ peer }: PoolWorker, reason: string): void =>
  void peer.call('wait', reason).catch(() => {})

/** A worker that ends meanwhile is no error: its replacement opens the database by itself. */
const openWhenUp = async (pool: State, worker: PoolWorker, opening: Opening): Promise<void> => {
  try {
    await worker.up.promise
    await openOnce(worker, opening)
  } catch (error) {
    if (pool.workers.has(worker)) throw error
  }
}

/** Opens the database in a worker, if that is not under way or done. Throws Refusal. */
const openOnce = (worker: PoolWorker, opening: Opening): Promise<void> => {
  worker.opened ??= open(worker, opening).catch((error: unknown) => {
    worker.opened = undefined // it may be tried again
    throw error
  })
  return worker.opened
}

const open = async ({ peer }: PoolWorker, opening: Opening): Promise<void> => {
  const refusal = await peer.call('open', opening)
  if (refusal !== null) throw new Refusal(refusal)
}

const drain = async (pool: State, server: Server, graceMs: number): Promise<void> => {
  pool.ending = true
  await acceptWaiting(server)
  server.close()
  // This call follows the connections that were handed over, so that they are answered.
  const all = [...pool.workers]
  for (const { peer } of all) void peer.call('drain', graceMs).catch(() => {})
  const cut = setTimeout(
    () => all.map(({ child }) => child.kill('SIGKILL')),
    graceMs + Math.min(BEYOND_MS, graceMs / 8),
  )
  await Promise.all([pool.parts.own.drain(graceMs), ...all.map(({ closed }) => closed)])
  clearTimeout(cut)
}
