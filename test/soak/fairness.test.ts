// Five users who own as much as they may ask for the dearest that the service has, as often as
// their limits let them, while another user goes about an ordinary day. TASKS and SECONDS say how
// much. A small run counts requests instead of seconds, and bounds no time.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emailOf, PASSWORD, seed } from '../../bench/seed.ts'
import { startTaskport, temporaryFolder } from '../support/process.ts'
import { isSmall, linger, sized } from '../support/size.ts'

const TASKS = sized('TASKS', { full: 100_000, small: 2_000 })
const SECONDS = sized('SECONDS', { full: 60, small: 0 })
/** Requests of the ordinary user in a small run, alone and beside the others. */
const REQUESTS = 30
/** Milliseconds that an ordinary request may take. */
const MOST_P99_MS = 100
const ABUSERS = ['Abe', 'Amy', 'Asa', 'Ava', 'Axl']
const ORDINARY = 'Olga'
/** Requests of one abuser at a time, and milliseconds between two of the ordinary user. */
const AT_ONCE = 4
const PACE_MS = 125
/** As it runs for its users: from source, each thread would bring the compiler for types along. */
const BUNDLE = 'dist/server.js'

const signIn = async (url: string, name: string) => {
  const body = JSON.stringify({ email: emailOf(name), password: PASSWORD })
  const response = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  })
  const { access_token } = (await response.json()) as { access_token: string }
  return async (method: string, path: string, given?: object | string) => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${access_token}`,
        ...(given !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(given !== undefined && {
        body: typeof given === 'string' ? given : JSON.stringify(given),
      }),
    })
    const text = await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
}
type Send = Awaited<ReturnType<typeof signIn>>

const unknownKeys = JSON.stringify(
  Object.fromEntries(Array.from({ length: 80_000 }, (_, i) => [`k${i}`, 1])),
)

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

/**
 * Asks until it is over (each act once in a small run), four at a time, and waits where it is told
 * to.
 */
const abuse = async (send: Send, isOver: () => boolean) => {
  const counts: Record<number, number> = {}
  const acts = await dearest(send)
  let i = 0
  const go = async () => {
    do {
      const n = i++
      const { status, headers } = await (acts[n % acts.length] as (i: number) => ReturnType<Send>)(
        n,
      )
      counts[status] = (counts[status] ?? 0) + 1
      // Not the whole of a minute: a window that ends is used at once.
      if (status === 429) await linger(Math.min(1_000, Number(headers.get('Retry-After')) * 1_000))
    } while (isSmall ? i < acts.length : !isOver())
  }
  await Promise.all(Array.from({ length: AT_ONCE }, go))
  return counts
}

/** An ordinary day: how long each request took, and what was not answered as it should be. */
const live = async (send: Send, seconds: number) => {
  const end = performance.now() + 1_000 * seconds
  const first = (await send('POST', '/tasks', { title: 'Sweep the chimney' })).body as {
    id: string
  }
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
  for (let i = 0; isSmall ? i < REQUESTS : performance.now() < end; i++) {
    const began = performance.now()
    const { status } = await (day[i % day.length] as () => ReturnType<Send>)()
    taken.push(performance.now() - began)
    if (status >= 300) failures.push(status)
    await linger(PACE_MS)
  }
  return { taken: taken.sort((a, b) => a - b), failures }
}

// In a small run once.
test.each(isSmall ? [1] : [1, 2])(
  'with WORKERS=%i five abusers leave an ordinary user in peace',
  async (workers) => {
    const folder = temporaryFolder()
    const people = Object.fromEntries([...ABUSERS.map((name) => [name, TASKS]), [ORDINARY, 200]])
    await seed(join(folder, 'taskport.db'), { people })
    const { url } = await startTaskport(
      {
        DATA_DIR: folder,
        WORKERS: String(workers),
        RATE_LIMIT_PER_USER: '600',
        LOG_LEVEL: 'error',
        QUOTA_TASKS: '1000000',
      },
      BUNDLE,
    )
    const senders = await Promise.all(ABUSERS.map((name) => signIn(url, name)))
    const ordinary = await signIn(url, ORDINARY)
    const quiet = await live(ordinary, Math.min(5, SECONDS))
    let over = false
    const abusing = senders.map((send) => abuse(send, () => over))
    const loud = await live(ordinary, SECONDS).finally(() => {
      over = true
    })
    const counts = await Promise.all(abusing)
    const at = (sorted: readonly number[], share: number) =>
      (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)
    const said = ({ taken }: { taken: readonly number[] }) =>
      `p50 ${at(taken, 0.5)}, p99 ${at(taken, 0.99)}, most ${at(taken, 1)} ms of ${taken.length}`
    console.log(
      `WORKERS=${workers}, ${TASKS} tasks each: alone ${said(quiet)}; beside five abusers ${said(loud)}; they got ${JSON.stringify(counts)}`,
    )
    expect([...quiet.failures, ...loud.failures].filter((status) => status !== 429)).toEqual([])
    for (const of of counts) {
      expect(of[200], 'an abuser does get answers').toBeGreaterThan(0)
      expect(Object.keys(of).filter((status) => Number(status) >= 500)).toEqual([])
    }
    if (!isSmall) expect(Number(at(loud.taken, 0.99))).toBeLessThanOrEqual(MOST_P99_MS)
  },
)
