// Load at a constant rate on plain sockets, as a process of its own: reads its job from a file,
// prints what came of it as JSON. A latency counts from when a request became due, so that a service
// that stalls cannot hide the requests that wait for it. wrk has no rate, and autocannon sends the
// requests of a second together.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { endOfAnswer } from './answer.ts'
import type { Job, Raw } from './load.ts'

/** Times as many seconds as the load takes; what is not answered then has failed. */
const PATIENCE = 3
/** Milliseconds between two looks at what is due. */
const NAP = 0.1
/** Seconds before those that count. */
const WARM_UP = 1

const {
  host,
  requests,
  seconds,
  connections,
  rate = 1,
} = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as Job
const [hostname = '', port] = host.split(':')

let sent = 0
const next = (): string => (requests[sent++ % requests.length] as (typeof requests)[number])[0]

const latencies: number[] = []
const failures = { status: 0, cut: 0, unanswered: 0 }
let answered = 0
let over = false
const began = performance.now()
/** Requests that became due before then warm up. */
const from = began + WARM_UP * 1000

type Ask = (since: number) => void
const free: Ask[] = []
/** Since when each request waits that found no connection free. */
const waiting: number[] = []

/** A connection that asks one thing at a time, and says when it is free. */
const open = async (): Promise<Socket> => {
  const socket = connect(Number(port), hostname).setNoDelay(true).setEncoding('latin1')
  await once(socket, 'connect')
  let received = ''
  let asked = 0
  const ask: Ask = (since) => {
    asked = since
    socket.write(next())
  }
  const whenFree = () => {
    const since = waiting.shift()
    if (since === undefined) free.push(ask)
    else ask(since)
  }
  socket.on('data', (text: unknown) => {
    received = received === '' ? String(text) : received + text
    const end = endOfAnswer(received)
    if (end === undefined) return
    answered++
    if (asked >= from) latencies.push(performance.now() - asked)
    if (received.charCodeAt('HTTP/1.1 '.length) !== 50) failures.status++ // not a 2xx
    received = received.slice(end)
    whenFree()
  })
  socket
    .on('error', () => {})
    .on('close', () => {
      if (!over) failures.cut++
    })
  whenFree()
  return socket
}

const nowhere = new Int32Array(new SharedArrayBuffer(4))
const sockets = await Promise.all(Array.from({ length: connections }, open))
const total = Math.round(rate * (WARM_UP + seconds))
// A request is sent up to a nap late, which counts as the service's time. A generator that looked at
// the clock without a pause would take a core from what it measures, and one that waited for timers
// would send a millisecond's requests together.
for (let due = 0; answered < total && performance.now() < from + seconds * 1000 * PATIENCE; ) {
  const until = Math.min(total, ((performance.now() - began) * rate) / 1000)
  for (; due < until; due++) {
    const since = began + (due * 1000) / rate
    const ask = free.shift() // in turn, so that none is idle for so long that it is closed
    if (ask) ask(since)
    else waiting.push(since)
  }
  Atomics.wait(nowhere, 0, 0, NAP)
  await setImmediate() // and what has arrived meanwhile
}
failures.unanswered = total - answered
over = true
for (const socket of sockets) socket.destroy()

const took = performance.now() - from
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
