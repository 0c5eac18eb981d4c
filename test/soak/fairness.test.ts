// Five users who own as much as they may ask for the dearest that the service has, as often as their limits let them, while another
// user goes about an ordinary day. TASKS=100000 SECONDS=60 is the full size; then the times of the ordinary user are bounded, too.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { emailOf, PASSWORD, seed } from '../../bench/seed.ts'
import { startTaskport, temporaryFolder } from '../support/process.ts'

const TASKS = Number(process.env['TASKS'] ?? 2_000)
const SECONDS = Number(process.env['SECONDS'] ?? 5)
const FULL = TASKS >= 100_000
/** Milliseconds that an ordinary request may take. */
const MOST_P99_MS = 100
const ABUSERS = ['Abe', 'Amy', 'Asa', 'Ava', 'Axl']
const ORDINARY = 'Olga'
/** Requests of one abuser at a time, and milliseconds between two of the ordinary user. */
const AT_ONCE = 4
const PACE_MS = 25
/** As it runs for its users: from source, each thread would bring the compiler for types along. */
const BUNDLE = 'dist/server.js'

const signIn = async (url: string, name: string) => {
  const body = JSON.stringify({ email: emailOf(name), password: PASSWORD })
  const response = await fetch(`${url}/api/v1/auth/login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  const { access_token } = (await response.json()) as { access_token: string }
  return async (method: string, path: string, given?: object | string) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${access_token}`, ...(given !== undefined && { 'Content-Type': 'application/json' }) },
      ...(given !== undefined && { body: typeof given === 'string' ? given : JSON.stringify(given) }),
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
}
type Send = Awaited<ReturnType<typeof signIn>>

const unknownKeys = JSON.stringify(Object.fromEntries(Array.from({ length: 80_000 }, (_, i) => [`k${i}`, 1])))

/** What is dear, in turn. */
const dearest = async (send: Send): Promise<((i: number) => ReturnType<Send>)[]> => {
  const labels = (await send('GET', '/labels')).body.items as { id: string; name: string }[]
  const [label] = labels as [{ id: string; name: string }]
  const get = (path: string) => () => send('GET', path)
  return [
    get('/tasks?q=nowhere'),
    get('/tasks?sort=title&limit=200'),
    get('/tasks?sort=-priority'),
    get(`/tasks?status=cancelled&label=${label.name}&due_before=2000-01-01`),
    get('/tasks?q=nowhere&sort=title'),
    get(`/tasks?label=${label.name}&sort=-due&limit=200`),
    get('/tasks?overdue=false&priority=urgent&sort=position'),
    () => send('POST', '/tasks', unknownKeys),
    (i) => send('PATCH', `/labels/${label.id}`, { name: `${label.name.slice(0, 40)} ${i % 2}` }),
  ]
}

/** Asks until `until`, four at a time, and waits where it is told to. */
const abuse = async (send: Send, until: number) => {
  const counts: Record<number, number> = {}
  const acts = await dearest(send)
  let i = 0
  const go = async () => {
    while (performance.now() < until) {
      const n = i++
      const { status, headers } = await (acts[n % acts.length] as (i: number) => ReturnType<Send>)(n)
      counts[status] = (counts[status] ?? 0) + 1
      // Not the whole of a minute: a window that ends is used at once.
      if (status === 429) await sleep(Math.min(1_000, Number(headers.get('Retry-After')) * 1_000))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, go))
  return counts
}

/** An ordinary day: how long each request took, and what was not answered as it should be. */
const live = async (send: Send, until: number) => {
  const first = (await send('POST', '/tasks', { title: 'Sweep the chimney' })).body as { id: string }
  const day = [
    () => send('GET', `/tasks/${first.id}`),
    () => send('GET', '/tasks'),
    () => send('POST', '/tasks', { title: 'Call the sweep', labels: ['home'] }),
    () => send('GET', '/tasks?status=pending&sort=due'),
    () => send('PATCH', `/tasks/${first.id}`, { title: `Sweep the chimney ${performance.now()}` }),
    () => send('GET', '/tasks?q=sweep'),
  ]
  const taken: number[] = []
  const failures: number[] = []
  for (let i = 0; performance.now() < until; i++) {
    const began = performance.now()
    const { status } = await (day[i % day.length] as () => ReturnType<Send>)()
    taken.push(performance.now() - began)
    if (status >= 300) failures.push(status)
    await sleep(PACE_MS)
  }
  return { taken: taken.sort((a, b) => a - b), failures }
}

test.each([1, 2])('with WORKERS=%i five abusers leave an ordinary user in peace', async (workers) => {
  const folder = temporaryFolder()
  const people = Object.fromEntries([...ABUSERS.map((name) => [name, TASKS]), [ORDINARY, 200]])
  await seed(join(folder, 'taskport.db'), { people })
  const { url } = await startTaskport(
    { DATA_DIR: folder, WORKERS: String(workers), RATE_LIMIT_PER_USER: '600', LOG_LEVEL: 'error', QUOTA_TASKS: '1000000' },
    BUNDLE,
  )
  onTestFinished(() => {})
  const senders = await Promise.all(ABUSERS.map((name) => signIn(url, name)))
  const ordinary = await signIn(url, ORDINARY)
  const quiet = await live(ordinary, performance.now() + 1_000 * Math.min(5, SECONDS))
  const until = performance.now() + 1_000 * SECONDS
  const [loud, ...counts] = await Promise.all([live(ordinary, until), ...senders.map((send) => abuse(send, until))])
  const at = (sorted: readonly number[], share: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)
  const said = ({ taken }: { taken: readonly number[] }) => `p50 ${at(taken, 0.5)}, p99 ${at(taken, 0.99)}, most ${at(taken, 1)} ms of ${taken.length}`
  console.log(`WORKERS=${workers}, ${TASKS} tasks each: alone ${said(quiet)}; beside five abusers ${said(loud)}; they got ${JSON.stringify(counts)}`)
  expect([...quiet.failures, ...loud.failures].filter((status) => status !== 429)).toEqual([])
  for (const of of counts) {
    expect(of[200], 'an abuser does get answers').toBeGreaterThan(0)
    expect(Object.keys(of).filter((status) => Number(status) >= 500)).toEqual([])
  }
  if (FULL) expect(Number(at(loud.taken, 0.99))).toBeLessThanOrEqual(MOST_P99_MS)
})
