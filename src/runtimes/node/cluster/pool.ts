// The processes that answer: workers are started, replaced when they die, and let go; connections
// are dealt to them and to the first process.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { Answered } from '../../../core/broadcast.ts'
import type { Deps } from '../../../http/deps.ts'
import { programOf } from '../package-root.ts'
import type { Listening } from '../platform.ts'
import { Refusal } from '../refusal.ts'
import { acceptWaiting, type Serving } from '../server.ts'
import { passLines } from './line-stream.ts'
import type { FirstDuties, Opening, WorkerDuties } from './protocol.ts'
import { createPeer, type Peer } from './rpc.ts'

const PROCESS = programOf('worker-process.ts', 'worker-process.js')
/** So many deaths in so many milliseconds are no accident. */
const DEATHS = 5
const DEATHS_MS = 10_000
/**
 * After which a worker that the system could not start is tried again: for want of descriptors or
 * processes, which come back.
 */
const AGAIN_MS = 3_000
/** What a worker may take beyond its grace, before it is killed. */
const BEYOND_MS = 1_000

/** A process that answers, as the first one knows it. */
export type Member = {
  readonly peer: Pick<Peer<WorkerDuties>, 'ask'>
  /** What it had answered when it was last asked. */
  answered: readonly Answered[]
}

/** A process that takes connections. */
type Taker = { take(socket: Socket): void }

type Worker = Member &
  Taker & {
    readonly child: ChildProcess
    readonly peer: Peer<WorkerDuties>
    readonly up: Promise<void>
    /** Settles when it has ended, and everything that it wrote is passed on. */
    readonly closed: Promise<unknown>
    /** Connections that are on their way to it. */
    readonly handed: Set<Socket>
    opened: Promise<void> | undefined
  }

export type Crew = {
  readonly workers: ReadonlySet<Worker>
  /** Listens, and hands each connection to the next process. Throws what the system says. */
  listen(at: { readonly host: string; readonly port: number }): Promise<Listening>
  /** Says to callers why the service is not there yet. */
  wait(reason: string): void
  /** Has every worker serve, now and where one is replaced. Throws Refusal. */
  open(opening: Opening): Promise<void>
}

type Parts = {
  /** How many workers there are. */
  readonly count: number
  /** The first process answers as well. */
  readonly own: Serving
  readonly log: Deps['log']
  dutiesFor(worker: () => Member): Omit<FirstDuties, 'up'>
  /** A worker has ended. */
  ended(worker: Worker): void
  /** They end again and again. */
  broken(): void
}

export const createCrew = ({ count, own, log, dutiesFor, ended, broken }: Parts): Crew => {
  const workers = new Set<Worker>()
  /** The first of them gets the next connection. */
  const takers: Taker[] = [own]
  let deaths: number[] = []
  let reason: string | undefined
  let opening: Opening | undefined
  let ending = false

  const give = (socket: Socket): void => {
    const taker = takers.shift() ?? own
    takers.push(taker)
    taker.take(socket)
  }
  const send = (worker: Worker, socket: Socket): void => {
    worker.handed.add(socket)
    // Open here until it is sent: of what a dead process has not taken, Node would close nothing,
    // nor hand anything back.
    worker.child.send('connection', socket, { keepOpen: true }, (error) => {
      if (!worker.handed.delete(socket)) return
      if (error === null) return void socket.destroy()
      leave(worker) // it cannot be reached any more
      worker.child.kill('SIGKILL')
      give(socket)
    })
  }
  const leave = (worker: Worker): void => {
    if (takers.includes(worker)) takers.splice(takers.indexOf(worker), 1)
  }
  const use = (worker: Worker): void => {
    if (workers.has(worker) && worker.child.connected && !takers.includes(worker))
      takers.push(worker)
  }
  const open = (worker: Worker, opening: Opening): Promise<void> => {
    worker.opened ??= ask(worker, opening).catch((error: unknown) => {
      worker.opened = undefined // it may be asked again
      throw error
    })
    return worker.opened
  }

  /** Settles when the new worker serves. */
  const hire = async (): Promise<Worker> => {
    // one that cannot be started says so by an event
    const child = fork(PROCESS, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
    const up = Promise.withResolvers<void>()
    const closed = new Promise((resolve) => child.once('close', resolve))
    const duties: FirstDuties = { ...dutiesFor(() => worker), up: up.resolve }
    const peer = createPeer<WorkerDuties>((message) => child.send(message, () => {}), duties)
    const take = (socket: Socket) => send(worker, socket)
    const worker: Worker = {
      child,
      peer,
      take,
      up: up.promise,
      closed,
      handed: new Set(),
      opened: undefined,
      answered: [],
    }
    workers.add(worker)
    child.on('message', peer.hear)
    if (child.stdout) passLines(child.stdout, (lines) => process.stdout.write(lines))
    const forget = () => {
      workers.delete(worker)
      leave(worker)
      up.reject(new Error('a worker has ended before it was up'))
      peer.end()
    }
    child.on('error', (error) => {
      if (child.pid !== undefined)
        return log.error('a worker cannot be told', { pid: child.pid, error })
      log.error('a worker cannot be started', { error })
      forget()
      if (!ending) setTimeout(hireAgain, AGAIN_MS).unref()
    })
    child.once('exit', (code, signal) => {
      forget()
      ended(worker)
      if (!ending) replace({ pid: child.pid, code, signal })
    })
    // What waited behind others when it ended: by now nothing of it can be sent any more.
    child.once('close', () => {
      const left = [...worker.handed]
      worker.handed.clear()
      for (const socket of left) give(socket)
    })
    try {
      await begin(worker)
    } catch (error) {
      if (!ending && workers.has(worker))
        log.error('a worker cannot serve', { pid: child.pid, error })
      if (child.pid !== undefined) child.kill('SIGKILL')
      throw error
    }
    return worker
  }
  const begin = async (worker: Worker): Promise<void> => {
    await worker.up
    if (reason !== undefined) void worker.peer.ask('wait', reason).catch(() => {})
    if (opening) await open(worker, opening)
    use(worker)
  }
  /** Fills the place of one that has died. */
  const replace = (worker: Readonly<Record<string, unknown>>): void => {
    const now = performance.now()
    deaths = [...deaths.filter((at) => now - at < DEATHS_MS), now]
    log.error('a worker has ended, and is replaced', worker)
    if (deaths.length >= DEATHS) broken()
    else hireAgain()
  }
  const hireAgain = (): void =>
    void hire().then(
      ({ child: { pid } }) => log.warning('a worker serves again', { pid }),
      () => {},
    )

  for (let i = 0; i < count; i++) hire().catch(() => {})
  return {
    workers,
    wait: (said) => {
      reason = said
      for (const { peer } of workers) void peer.ask('wait', said).catch(() => {})
    },
    open: async (with_) => {
      opening = with_
      const opened = async (worker: Worker) => {
        try {
          await worker.up
          await open(worker, with_)
        } catch (error) {
          if (workers.has(worker)) throw error // who takes the place of a dead one opens by itself
        }
      }
      await Promise.all([...workers].map(opened))
    },
    listen: async ({ host, port }) => {
      const server = createServer({ pauseOnConnect: true, noDelay: true }, give).listen(port, host)
      await once(server, 'listening')
      const drain = async (graceMs: number) => {
        ending = true
        await acceptWaiting(server)
        server.close()
        // Behind the connections that were handed over: they are answered.
        const all = [...workers]
        for (const { peer } of all) void peer.ask('drain', graceMs).catch(() => {})
        const cut = setTimeout(
          () => all.map(({ child }) => child.kill('SIGKILL')),
          graceMs + Math.min(BEYOND_MS, graceMs / 8),
        )
        await Promise.all([own.drain(graceMs), ...all.map(({ closed }) => closed)])
        clearTimeout(cut)
      }
      return { port: (server.address() as AddressInfo).port, drain }
    },
  }
}

/** Throws Refusal. */
const ask = async ({ peer }: Worker, opening: Opening): Promise<void> => {
  const refusal = await peer.ask('open', opening)
  if (refusal !== null) throw new Refusal(refusal)
}
