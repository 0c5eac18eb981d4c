// A generator of load on plain sockets, as a process of its own: reads its job from a file, prints what came of it as JSON.
// At a given rate a latency counts from when a request became due: a service that stalls cannot hide those that wait for it.
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { endOfAnswer } from './answer.ts'
import type { Job, Raw } from './load.ts'
import { KEY_DIGITS, KEY_LENGTH } from './requests.ts'

/** Times as many seconds as the load takes; what is not answered then has failed. */
const PATIENCE = 3

const { host, requests, fill, seconds, connections, rate } = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as Job
const [hostname = '', port] = host.split(':')

const prefix = randomBytes(KEY_LENGTH).toString('hex').slice(KEY_DIGITS, KEY_LENGTH)
const pool = fill?.kind === 'token' ? [...fill.pool] : []
let sent = 0
const next = (): string => {
  const [before, after] = requests[sent++ % requests.length] as (typeof requests)[number]
  if (after === undefined) return before
  return before + (fill?.kind === 'token' ? pool.shift() : prefix + String(sent).padStart(KEY_DIGITS, '0')) + after
}

const latencies: number[] = []
const failures = { status: 0, cut: 0, unanswered: 0 }

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
    latencies.push(performance.now() - asked)
    if (received.charCodeAt('HTTP/1.1 '.length) !== 50) failures.status++ // not a 2xx
    if (fill?.kind === 'token') pool.push(/"refresh_token":"([^"]+)"/.exec(received)?.[1] ?? '')
    received = received.slice(end)
    whenFree(ask)
  })
  socket.on('error', () => failures.cut++)
  whenFree(ask)
  return socket
}

/** Each connection asks again as soon as it has its answer, until the time is over. Answers how long that took, in milliseconds. */
const atFullSpeed = async (): Promise<number> => {
  const began = performance.now()
  const until = began + seconds * 1000
  const { promise, resolve } = Promise.withResolvers<void>()
  const again = (ask: (since: number) => void) => (performance.now() < until ? ask(performance.now()) : resolve())
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(again)))
  await promise
  const took = performance.now() - began
  for (const socket of sockets) socket.destroy()
  return took
}

/**
 * So many a second, whether or not earlier ones are answered. What has become due is sent together whenever the timer fires, a good
 * millisecond apart: a generator that looked at the clock without a pause would take a core from what it measures.
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
  const total = Math.round(perSecond * seconds)
  const began = performance.now()
  for (let due = 0; latencies.length < total && performance.now() < began + seconds * 1000 * PATIENCE; ) {
    const now = performance.now()
    for (const until = Math.min(total, ((now - began) * perSecond) / 1000); due < until; due++) {
      const ask = free.pop()
      if (ask) ask(now)
      else waiting.push(now)
    }
    await setTimeout(1)
  }
  const took = performance.now() - began
  failures.unanswered = total - latencies.length
  for (const socket of sockets) socket.destroy()
  return took
}

const took = await (rate === undefined ? atFullSpeed() : atRate(rate))
const sorted = Float64Array.from(latencies).sort()
const percentile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
const raw: Raw = {
  requests: sorted.length,
  perSecond: (sorted.length * 1000) / took,
  p50: percentile(0.5),
  p99: percentile(0.99),
  failures,
}
process.stdout.write(JSON.stringify(raw))
