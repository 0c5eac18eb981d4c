// A worker as the first process sees it: the forked process, the calls to it, and the connections
// that are on their way to it.
import { type ChildProcess, fork } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Figures } from '../../../core/broadcast.ts'
import { createDeferred, type Deferred } from '../../../core/deferred.ts'
import type { LogFormat } from '../log.ts'
import { programOf } from '../package-root.ts'
import { passLines } from './line-stream.ts'
import type { PrimaryMethods, WorkerMethods } from './protocol.ts'
import type { ConnectionTarget, Rotation } from './rotation.ts'
import { createPeer, type Peer } from './rpc.ts'

const PROCESS = programOf('worker-process.ts', 'worker-process.js')

/** A process that answers requests. */
export type Member = {
  readonly peer: Pick<Peer<WorkerMethods>, 'call'>
  /** Its metrics when it was last asked. */
  figures: Figures
}

export type PoolWorker = Member &
  ConnectionTarget & {
    readonly child: ChildProcess
    readonly peer: Peer<WorkerMethods>
    /** Resolves when the worker can take connections. Rejects when it ends before. */
    readonly up: Deferred<void>
    /** Settles when the process has ended, and everything that it wrote is passed on. */
    readonly closed: Promise<unknown>
    /** Connections that are being sent to it. */
    readonly sending: Set<Socket>
    /** The database being opened there, from when it was told to. */
    opened: Promise<void> | undefined
  }

type Hooks = {
  /** That of the first process, which writes the lines of all logs. */
  readonly logFormat: LogFormat
  readonly rotation: Rotation
  methodsFor(worker: () => Member): Omit<PrimaryMethods, 'up'>
}

/** Starts a worker. A process that cannot be started emits `error`. */
export const forkWorker = ({ rotation, logFormat, methodsFor }: Hooks): PoolWorker => {
  const child = fork(PROCESS, [logFormat], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  const up = createDeferred<void>()
  const methods: PrimaryMethods = { ...methodsFor(() => worker), up: up.resolve }
  const peer = createPeer<WorkerMethods>((message) => child.send(message, () => {}), methods)
  const worker: PoolWorker = {
    child,
    peer,
    take: (socket) => sendConnection(worker, socket, rotation),
    up,
    closed: new Promise((resolve) => child.once('close', resolve)),
    sending: new Set(),
    opened: undefined,
    figures: {},
  }
  child.on('message', peer.receive)
  if (child.stdout) passLines(child.stdout, (lines) => process.stdout.write(lines))
  // Nothing can be sent to it any more, so other processes get the connections that waited.
  child.once('close', () => {
    const left = [...worker.sending]
    worker.sending.clear()
    for (const socket of left) rotation.dispatch(socket)
  })
  return worker
}

/**
 * Keeps the connection open in this process until it is sent: if the worker ends before that, Node
 * neither closes the connection nor hands it back.
 */
const sendConnection = (worker: PoolWorker, socket: Socket, rotation: Rotation): void => {
  const { child, sending } = worker
  sending.add(socket)
  child.send('connection', socket, { keepOpen: true }, (error) => {
    if (!sending.delete(socket)) return
    if (error === null) return void socket.destroy()
    rotation.remove(worker) // it cannot be reached any more
    child.kill('SIGKILL')
    rotation.dispatch(socket)
  })
}
