// A generator of load on plain sockets, as a process of its own: reads its job from a file, prints
// what came of it as JSON. At a given rate a latency counts from when a request became due: a
// service that stalls cannot hide those that wait for it.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { endOfAnswer } from './answer.ts'
import type { Job, Raw } from './load.ts'
import { KEY_DIGITS, KEY_LENGTH } from './requests.ts'

/** Times as many seconds as the load takes; what is not answered then has failed. */
const PATIENCE = 3

const { host, requests, fill, seconds, connections, rate } = JSON.parse(
  readFileSync(process.argv[2] as string, 'utf8'),
) as Job
const [hostname = '', port] = host.split(':')

const prefix = randomBytes(KEY_LENGTH).toString('hex').slice(KEY_DIGITS, KEY_LENGTH)
const pool = fill?.kind === 'token' ? [...fill.pool] : []
let sent = 0
const next = (): string => {
  const [before, after] = requests[sent++ % requests.length] as (typeof requests)[number]
  if (after === undefined) return before
  return (
    before +
    (fill?.kind === 'token' ? pool.shift() : prefix + String(sent).padStart(KEY_DIGITS, '0')) +
    after
  )
}

const latencies: number[] = []
const failures = { status: 0, cut: 0, unanswered: 0 }
let answered = 0
let over = false
/** Requests from then on count: before, a generator at a given rate warms up. */
let from = Number.NEGATIVE_INFINITY

/** A connection that asks one thing at a time; `whenFree` is called when it has its answer. */
const open = async (whenFree: (ask: (since: number) => void) => void): Promise<Socket> => {
  const socket = connect(Number(port), hostname).setNoDelay(true).setEncoding('latin1')
  await once(socket, 'connect')
  let [received, asked] = ['', 0]
  const ask = (since: number) => {
    asked = since
    socket.write(next())
  }
  socket.on('data', (text: unknown) => {
    received = received === '' ? String(text) : received + text
    const end = endOfAnswer(received)
    if (end === undefined) return
    answered++
    if (asked >= from) latencies.push(performance.now() - asked)
    if (received.charCodeAt('HTTP/1.1 '.length) !== 50) failures.status++ // not a 2xx
    if (fill?.kind === 'token') pool.push(/"refresh_token":"([^"]+)"/.exec(received)?.[1] ?? '')
    received = received.slice(end)
    whenFree(ask)
  })
  socket
    .on('error', () => {})
    .on('close', () => {
      if (!over) failures.cut++
    })
  whenFree(ask)
  return socket
}

/**
 * Ends when every connection has its last answer, or patience is over. Answers how long that took,
 * in milliseconds.
 */
const atFullSpeed = async (): Promise<number> => {
  const began = performance.now()
  const until = began + seconds * 1000
  let asking = connections
  const { promise, resolve } = Promise.withResolvers<void>()
  const again = (ask: (since: number) => void) => {
    if (performance.now() < until) ask(performance.now())
    else if (--asking === 0) resolve()
  }
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(again)))
  const patience = new AbortController()
  await Promise.race([promise, setTimeout(seconds * 1000 * PATIENCE, undefined, patience)])
  patience.abort()
  failures.unanswered = asking
  return end(began, sockets)
}

/** Milliseconds between two looks at what is due. */
const NAP = 0.1
/** Seconds before those that count. */
const WARM_UP = 1
const nowhere = new Int32Array(new SharedArrayBuffer(4))

/**
 * So many a second, evenly, whether or not earlier ones are answered; up to a nap late, which
 * counts as the service's time. A generator that looked at the clock without a pause would take a
 * core from what it measures, and one that waited for timers would send a millisecond's requests
 * together.
 */
const atRate = async (perSecond: number): Promise<number> => {
  const free: ((since: number) => void)[] = []
  /** Since when each request waits that found no connection free. */
  const waiting: number[] = []
  const whenFree = (ask: (since: number) => void) => {
    const since = waiting.shift()
    if (since === undefined) free.push(ask)
    else ask(since)
  }
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(whenFree)))
  const total = Math.round(perSecond * (WARM_UP + seconds))
  const began = performance.now()
  from = began + WARM_UP * 1000
  for (let due = 0; answered < total && performance.now() < from + seconds * 1000 * PATIENCE; ) {
    for (
      const until = Math.min(total, ((performance.now() - began) * perSecond) / 1000);
      due < until;
      due++
    ) {
      const since = began + (due * 1000) / perSecond
      const ask = free.shift() // in turn, so that none is idle for so long that it is closed
      if (ask) ask(since)
      else waiting.push(since)
    }
    Atomics.wait(nowhere, 0, 0, NAP)
    await setImmediate() // and what has arrived meanwhile
  }
  failures.unanswered = total - answered
  return end(from, sockets)
}

const end = (began: number, sockets: readonly Socket[]): number => {
  over = true
  for (const socket of sockets) socket.destroy()
  return performance.now() - began
}

const took = await (rate === undefined ? atFullSpeed() : atRate(rate))
const sorted = Float64Array.from(latencies).sort()
const percentile = (share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
const raw: Raw = {
  requests: sorted.length,
  perSecond: (sorted.length * 1000) / took,
  p50: percentile(0.5),
  p99: percentile(0.99),
  failures,
}
process.stdout.write(JSON.stringify(raw))
