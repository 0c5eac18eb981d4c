// A large database copies itself while it is read: TASKS=1000000 npm run test:soak -- backup-load
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { emailOf, PASSWORD, seed } from '../../bench/seed.ts'
import { run, startTaskport, temporaryFolder } from '../support/process.ts'
import { ACCESS_KEY, BUCKET, SECRET_KEY } from '../support/servers/s3.ts'

const TASKS = Number(process.env['TASKS'] ?? 100_000)
/** Reads a second: enough to see a stall, too few to be one. */
const PACE_MS = 10
const STILL_MS = 15_000
const MOST_RATIO = 3
const MOST_MIB = 64

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
const residentOf = (pid: number | undefined): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

test(`${TASKS} tasks: reads go on while a copy is made, and memory does not grow`, async () => {
  const folder = temporaryFolder()
  await seed(join(folder, 'taskport.db'), { people: { ann: TASKS } })
  // The store in a process of its own: it shares neither the loop nor the memory of who measures.
  const store = run(
    process.execPath,
    ['-e', "import('./test/support/servers/s3.ts').then(async (m) => console.log((await m.startS3()).url))"],
    {},
  )
  await once(store.child.stdout ?? store.child, 'data')
  const service = await startTaskport({
    ...{ DATA_DIR: folder, RATE_LIMIT: 'off', LOG_LEVEL: 'warning', BACKUP_URL: `s3://${BUCKET}`, BACKUP_ENDPOINT: store.out().trim() },
    ...{ BACKUP_ACCESS_KEY_ID: ACCESS_KEY, BACKUP_SECRET_ACCESS_KEY: SECRET_KEY },
  })
  const body = JSON.stringify({ email: emailOf('ann'), password: PASSWORD })
  const signedIn = await fetch(`${service.url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  })
  const { access_token } = (await signedIn.json()) as { access_token: string }

  const taken: { at: number; ms: number }[] = []
  const read = async () => {
    const at = performance.now()
    const response = await fetch(`${service.url}/api/v1/tasks?limit=50`, { headers: { Authorization: `Bearer ${access_token}` } })
    await response.text()
    expect(response.status).toBe(200)
    taken.push({ at, ms: performance.now() - at })
  }
  const reading = setInterval(() => void read(), PACE_MS)
  const lastCopy = async () => ((await (await fetch(`${service.url}/status`)).json()) as any).copies

  await sleep(3_000)
  const [began, before] = [performance.now(), residentOf(service.child.pid)]
  let most = before
  while ((await lastCopy()).last_at === null) {
    most = Math.max(most, residentOf(service.child.pid))
    await sleep(100)
  }
  const ended = performance.now()
  const { duration_seconds, size_bytes, failures } = await lastCopy()
  await sleep(STILL_MS)
  clearInterval(reading)
  expect(existsSync(join(folder, 'taskport.db.copy'))).toBe(false)

  const sorted = (from: number, to: number) =>
    taken
      .filter(({ at }) => at >= from && at < to)
      .map(({ ms }) => ms)
      .toSorted((a, b) => a - b)
  const [during, still] = [sorted(began, ended), sorted(ended + 1_000, ended + STILL_MS)]
  const show = (times: readonly number[]) =>
    `p50 ${percentile(times, 0.5).toFixed(1)}, p99 ${percentile(times, 0.99).toFixed(1)}, most ${percentile(times, 1).toFixed(1)} ms of ${times.length}`
  const ratio = percentile(during, 0.99) / percentile(still, 0.99)
  console.log(
    `a copy of ${TASKS} tasks: ${duration_seconds} s, ${(size_bytes / 1e6).toFixed(1)} MB; lists of 50 meanwhile ${show(during)}; without a copy ${show(still)}; ` +
      `ratio of p99 ${ratio.toFixed(2)}; resident ${Math.round(before)} MiB before, at most ${Math.round(most)} MiB`,
  )
  service.child.kill('SIGTERM')
  expect(await service.exit).toBe(0)
  rmSync(folder, { recursive: true })
  expect(failures).toBe(0)
  expect(ratio).toBeLessThanOrEqual(MOST_RATIO)
  expect(most - before).toBeLessThanOrEqual(MOST_MIB)
})
