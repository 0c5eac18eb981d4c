// A large database backs itself up while it is read: TASKS=1000000 npm run test:soak -- backup-load
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { emailOf, PASSWORD, seed } from '../../bench/seed.ts'
import { run, startTaskport, temporaryFolder } from '../support/process.ts'
import { ACCESS_KEY, BUCKET, SECRET_KEY } from '../support/servers/s3.ts'
import { isSmall, linger, sized, until } from '../support/size.ts'

const TASKS = sized('TASKS', { full: 100_000, small: 2_000 })
/** Reads a second: enough to see a stall, too few to be one. */
const PACE_MS = 10
const STILL_MS = 15_000
const MOST_RATIO = 3
const MOST_MIB = 64
/** As it runs for its users: from source, each thread would bring the compiler for types along. */
const BUNDLE = 'dist/server.js'

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
const residentOf = (pid: number | undefined): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024

/** Signs in, and reads lists at the pace until it is stopped; how long each took. */
const readOn = async (url: string) => {
  const body = JSON.stringify({ email: emailOf('ann'), password: PASSWORD })
  const signedIn = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  })
  const { access_token } = (await signedIn.json()) as { access_token: string }
  const taken: { at: number; ms: number }[] = []
  const failures: unknown[] = []
  const read = async () => {
    const at = performance.now()
    const response = await fetch(`${url}/api/v1/tasks?limit=50`, {
      headers: { Authorization: `Bearer ${access_token}` },
    })
    await response.text()
    if (response.status !== 200) failures.push(response.status)
    taken.push({ at, ms: performance.now() - at })
  }
  const running = new Set<Promise<void>>()
  const reading = setInterval(() => {
    const one = read()
      .catch((error) => void failures.push(error))
      .finally(() => running.delete(one))
    running.add(one)
  }, PACE_MS)
  const stop = async () => {
    clearInterval(reading)
    await Promise.all(running)
    expect(failures).toEqual([])
  }
  return { taken, stop }
}

const S3 = new URL('../support/servers/s3.ts', import.meta.url).href

/** The most that a process is resident (MiB) while something runs. */
const most = async (pid: number | undefined, during: () => Promise<unknown>): Promise<number> => {
  let found = residentOf(pid)
  const looking = setInterval(() => {
    found = Math.max(found, residentOf(pid))
  }, 100)
  await during()
  clearInterval(looking)
  return found
}

test(`${TASKS} tasks: reads go on while a backup is made, and memory does not grow`, async () => {
  const folder = temporaryFolder()
  await seed(join(folder, 'taskport.db'), { people: { ann: TASKS } })
  // The store in a process of its own: it shares neither the loop nor the memory of who measures.
  const store = run(
    process.execPath,
    ['-e', `import(${JSON.stringify(S3)}).then(async (m) => console.log((await m.startS3()).url))`],
    {},
  )
  await once(store.child.stdout ?? store.child, 'data')
  const env = { DATA_DIR: folder, RATE_LIMIT: 'off', LOG_LEVEL: 'warning' }

  // The same service under the same load, without backups: what it takes then is not the backups'.
  const control = await startTaskport(env, BUNDLE)
  const controlled = await readOn(control.url)
  const resident = await most(control.child.pid, () => linger(STILL_MS))
  await controlled.stop()
  control.child.kill('SIGTERM')
  await control.exit

  const service = await startTaskport(
    {
      ...{ ...env, BACKUP_URL: `s3://${BUCKET}`, BACKUP_ENDPOINT: store.out().trim() },
      ...{ BACKUP_ACCESS_KEY_ID: ACCESS_KEY, BACKUP_SECRET_ACCESS_KEY: SECRET_KEY },
    },
    BUNDLE,
  )
  const { taken, stop } = await readOn(service.url)
  const lastCopy = async () => ((await (await fetch(`${service.url}/status`)).json()) as any).backup
  await linger(3_000)
  const began = performance.now()
  const copying = await most(service.child.pid, async () => {
    await until(async () => (await lastCopy()).last_at !== null)
  })
  const ended = performance.now()
  const { duration_seconds, size_bytes, failures } = await lastCopy()
  await linger(STILL_MS)
  await until(() => taken.length > 0)
  await stop()
  await until(() => !existsSync(join(folder, 'taskport.db.copy')))

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
    `a backup of ${TASKS} tasks: ${duration_seconds} s, ${(size_bytes / 1e6).toFixed(1)} MB; lists of 50 meanwhile ${show(during)}; without a backup ${show(still)}; ` +
      `ratio of p99 ${ratio.toFixed(2)}; resident at most ${Math.round(copying)} MiB, without backups ${Math.round(resident)} MiB`,
  )
  service.child.kill('SIGTERM')
  expect(await service.exit).toBe(0)
  rmSync(folder, { recursive: true })
  expect(failures).toBe(0)
  if (isSmall) return
  expect(ratio).toBeLessThanOrEqual(MOST_RATIO)
  expect(copying - resident).toBeLessThanOrEqual(MOST_MIB)
})
