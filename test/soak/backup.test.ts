// A disk that forgets, and two containers at once: what is lost, and what is not. ROUNDS says how
// often, SECONDS how long a round writes.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { randomOf } from '../../bench/data/random.ts'
import { openFile } from '../../src/db/open/file.ts'
import { rawQuery } from '../../src/db/statement.ts'
import { type Run, runTaskport, startTaskport, temporaryFolder } from '../support/process.ts'
import { type S3, startS3 } from '../support/servers/s3.ts'
import { isSmall, lingerOrUntil, until } from '../support/size.ts'
import { faultsOf } from './file.ts'
import { enter, type Person } from './person.ts'
import { roundsOf, seed } from './random.ts'

const ROUNDS = roundsOf(100)
const MOST_SECONDS = Number(process.env['SECONDS'] ?? 12)
const WRITERS = 4
/** Between two writes of a writer: a hundred rounds are to fill a database, not a disk. */
const PAUSE_MS = 20
/** Acknowledged writes after which a small run goes on. */
const ENOUGH = 50
/** What a busy machine may add to a backup that is under way. */
const TOLERANCE_MS = 2_000

type Service = Run & { url: string }
const start = (s3: S3): Promise<Service> =>
  startTaskport({ ...s3.env(), RATE_LIMIT: 'off', QUOTA_TASKS: '1000000000', LOG_LEVEL: 'info' })
const manifestIn = (s3: S3) => JSON.parse(String(s3.objects.get('manifest.json'))).manifest
const titlesOf = async (person: Person): Promise<Set<string>> =>
  new Set((await person.tasks()).map(({ title }) => title))
const titlesIn = async (s3: S3, key: string): Promise<Set<string>> =>
  new Set((await tasksIn(s3, key)).keys())
/** The titles in a backup, and when each task was made, in milliseconds since the epoch. */
const tasksIn = async (s3: S3, key: string): Promise<Map<string, number>> => {
  const path = join(temporaryFolder(), 'copy.db')
  writeFileSync(path, gunzipSync(s3.objects.get(key) as Buffer))
  return tasksAt(path)
}
const tasksAt = async (path: string): Promise<Map<string, number>> => {
  const db = openFile(path)
  const rows = await db.all(
    rawQuery<{ title: string; at: number }>('select title, created_at from tasks', ['title', 'at']),
  )
  await db.close()
  return new Map(rows.map(({ title, at }) => [title, at]))
}

/** Who writes steadily until it is refused or gets no answer; when each write was acknowledged. */
const startWriters = (name: string) => {
  const acknowledged = new Map<string, number>()
  const write = async (person: Person, writer: number): Promise<void> => {
    for (let n = 0; ; n++) {
      const title = `${name}-${writer}-${n}`
      try {
        await person.post(title)
      } catch {
        return
      }
      acknowledged.set(title, Date.now())
      await sleep(PAUSE_MS)
    }
  }
  return {
    acknowledged,
    run: (person: Person) =>
      Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(person, writer))),
  }
}

test(`kill -9 under write load on a disk that is wiped, ${ROUNDS} rounds: the loss is within what /status showed`, async () => {
  const random = randomOf(seed)
  const s3 = await startS3()
  const faults: string[] = []
  const losses: { lost: number; of: number; ms: number; bound: number }[] = []
  let there = new Set<string>()
  for (let round = 1; round <= ROUNDS; round++) {
    const service = await start(s3)
    const person = await enter(service.url, 'ada', round === 1 ? 'register' : 'login')
    const { acknowledged, run } = startWriters(`r${round}`)
    // The second backup takes its time after the first: a small run ends with the first, which has to
    // hold some of the writes.
    const early = isSmall ? run(person) : undefined
    // The first backup ever has to be there: before it, nothing comes back.
    await until(() => s3.objects.has('manifest.json') && manifestIn(s3).copies.length > 0)
    const over = early ?? run(person)
    let bound = 0
    const end = performance.now() + random() * MOST_SECONDS * 1000
    const isOver = () => (isSmall ? acknowledged.size >= ENOUGH : performance.now() >= end)
    for (;;) {
      const { backup: backups } = (await (await fetch(`${service.url}/status`)).json()) as {
        backup: { loss_bound_seconds: number }
      }
      bound = Math.max(bound, backups.loss_bound_seconds * 1000)
      if (isOver()) break
      await sleep(100)
    }
    service.child.kill('SIGKILL')
    const killed = Date.now()
    await service.exit
    await over

    const copied = Date.parse(manifestIn(s3).copies.at(-1).created_at)
    const again = await start(s3)
    const now = await titlesOf(await enter(again.url, 'ada', 'login'))
    const missing = [...acknowledged].filter(([title]) => !now.has(title))
    faults.push(
      ...[...there]
        .filter((title) => !now.has(title))
        .map((title) => `${title} of an earlier round is lost`),
    )
    faults.push(
      ...missing
        .filter(([, at]) => at < copied)
        .map(([title]) => `${title} was acknowledged before the last backup began`),
    )
    const ms = missing.length === 0 ? 0 : killed - Math.min(...missing.map(([, at]) => at))
    losses.push({ lost: missing.length, of: acknowledged.size, ms, bound })
    if (!isSmall && bound > 0 && ms > bound + TOLERANCE_MS)
      faults.push(`round ${round}: ${ms} ms were lost, and ${bound} ms were said`)
    there = now
    again.child.kill('SIGTERM')
    if ((await again.exit) !== 0)
      faults.push(`round ${round}: SIGTERM ended with another code than 0`)
  }
  const all = losses.reduce((sum, { of }) => sum + of, 0)
  const lost = losses.reduce((sum, { lost }) => sum + lost, 0)
  const within = losses.filter(({ ms, bound }) => ms <= bound || ms === 0).length
  console.log(
    `kill -9 and an empty disk: ${ROUNDS} rounds, ${all} acknowledged writes, ${lost} lost, all after the last finished backup: ` +
      `at most ${Math.max(...losses.map(({ ms }) => ms))} ms, bounds shown ${Math.min(...losses.map(({ bound }) => bound))} to ${Math.max(...losses.map(({ bound }) => bound))} ms, ` +
      `within them in ${within} rounds (SEED=${seed})`,
  )
  await s3.close()
  expect(faults, `SEED=${seed}`).toEqual([])
})

test(`SIGTERM under write load on a disk that is wiped, ${ROUNDS} rounds: nothing that was acknowledged is missing`, async () => {
  const random = randomOf(seed)
  const s3 = await startS3()
  const faults: string[] = []
  const expected = new Set<string>()
  let slowest = 0
  for (let round = 1; round <= ROUNDS; round++) {
    const service = await start(s3)
    const person = await enter(service.url, 'ada', round === 1 ? 'register' : 'login')
    const there = await titlesOf(person)
    faults.push(
      ...[...expected]
        .filter((title) => !there.has(title))
        .map((title) => `round ${round}: ${title} is missing`),
    )
    const { acknowledged, run } = startWriters(`r${round}`)
    const over = run(person)
    await lingerOrUntil(200 + random() * 3_000, () => acknowledged.size >= ENOUGH)
    const began = performance.now()
    service.child.kill('SIGTERM')
    const code = await service.exit
    slowest = Math.max(slowest, performance.now() - began)
    await over
    if (code !== 0) faults.push(`round ${round}: exit code ${code}`)
    for (const title of acknowledged.keys()) expected.add(title)
  }
  const last = await start(s3)
  const there = await titlesOf(await enter(last.url, 'ada', 'login'))
  faults.push(
    ...[...expected]
      .filter((title) => !there.has(title))
      .map((title) => `at the end ${title} is missing`),
  )
  console.log(
    `SIGTERM and an empty disk: ${ROUNDS} rounds, ${expected.size} acknowledged writes, ${faults.length} missing, slowest exit ${Math.round(slowest)} ms (SEED=${seed})`,
  )
  last.child.kill('SIGTERM')
  await last.exit
  await s3.close()
  expect(faults, `SEED=${seed}`).toEqual([])
})

const HANDOVERS = Math.ceil(ROUNDS / 2)
const kinds = ['clean', 'slow', 'dead'] as const

test(`a second container starts under write load, ${HANDOVERS} rounds of clean, slow and dead writers: one writer at a time, no write lost`, async () => {
  const s3 = await startS3()
  const faults: string[] = []
  const waits = { clean: 0, slow: 0, dead: 0 }
  let [written, apart] = [0, 0]
  let old = await start(s3)
  await enter(old.url, 'ada', 'register')
  let there = new Set<string>()
  for (let round = 1; round <= HANDOVERS; round++) {
    // The others take a store that is slow for seconds, and a lease that runs out.
    const kind = isSmall ? 'clean' : (kinds[round % 3] as (typeof kinds)[number])
    const fault = (what: string) => faults.push(`round ${round} (${kind}): ${what}`)
    const before = startWriters(`h${round}-old`)
    const oldOver = before.run(await enter(old.url, 'ada', 'login'))
    await lingerOrUntil(1_000, () => before.acknowledged.size >= ENOUGH)
    if (kind === 'slow')
      s3.troubles = [
        {
          matches: (method, key) => method === 'PUT' && key.startsWith('copies/'),
          get wait() {
            return sleep(2_000)
          },
        },
      ]
    const stopped = Date.now()
    if (kind === 'dead') old.child.kill('SIGSTOP')
    const began = performance.now()
    const next = await start(s3)
    waits[kind] = Math.max(waits[kind], performance.now() - began)
    s3.troubles = []
    const after = startWriters(`h${round}-new`)
    const person = await enter(next.url, 'ada', 'login')
    const newOver = after.run(person)
    await until(() => after.acknowledged.size > 0)
    const first = Math.min(...after.acknowledged.values())
    if (kind === 'dead') old.child.kill('SIGCONT')
    await oldOver
    if ((await old.exit) !== 0) fault('the old one ended with another code than 0')
    const now = await titlesOf(person)
    for (const title of there) if (!now.has(title)) fault(`${title} of an earlier round is lost`)
    const missing = [...before.acknowledged.keys()].filter((title) => !now.has(title))
    if (missing.length > 0 && kind !== 'dead')
      fault(`${missing.length} acknowledged writes are not with the successor`)
    const key = /"key":"(orphans\/[^"]+)"/.exec(old.out())?.[1]
    const orphan = key === undefined ? new Map<string, number>() : await tasksIn(s3, key)
    // What was written before a process was stopped may be on its way out when it goes on: then it
    // is kept apart, as all of it.
    const wasWritten = (title: string) =>
      kind === 'dead' && (orphan.get(title) ?? Number.POSITIVE_INFINITY) <= stopped
    const late = [...before.acknowledged].filter(([title, at]) => at >= first && !wasWritten(title))
    if (late.length > 0)
      fault(
        `two writers at once: ${late.length} writes were acknowledged by the old one after the first of the new one`,
      )
    if (missing.length > 0 && kind === 'dead') {
      const lost = missing.filter((title) => !orphan.has(title))
      if (lost.length > 0)
        fault(`${lost.length} acknowledged writes are neither with the successor nor in ${key}`)
      apart += missing.length
    }
    // The backups of the new one hold nothing of what only the old one has.
    await until(() => manifestIn(s3).copies.at(-1).epoch === manifestIn(s3).epoch)
    const copied = await titlesIn(s3, manifestIn(s3).copies.at(-1).key)
    if (missing.some((title) => copied.has(title))) fault('a backup mixes the two')
    written += before.acknowledged.size
    next.child.kill('SIGTERM')
    await next.exit
    await newOver
    written += after.acknowledged.size
    old = await start(s3)
    there = await titlesOf(await enter(old.url, 'ada', 'login'))
    for (const title of after.acknowledged.keys())
      if (!there.has(title)) fault(`${title} is lost after SIGTERM`)
  }
  const ms = Object.entries(waits).map(([kind, wait]) => `${kind} ${Math.round(wait)} ms`)
  console.log(
    `handover: ${HANDOVERS} rounds, ${written} acknowledged writes, ${apart} kept apart under orphans/, ${faults.length} faults; slowest start of the newcomer: ${ms.join(', ')}`,
  )
  old.child.kill('SIGTERM')
  await old.exit
  await s3.close()
  expect(faults).toEqual([])
})

test(`a restore that is killed at any moment, ${ROUNDS} rounds: what is there is whole, or nothing is`, async () => {
  const random = randomOf(seed)
  const s3 = await startS3()
  const first = await start(s3)
  const person = await enter(first.url, 'ada', 'register')
  for (let n = 0; n < 20; n++)
    await Promise.all(Array.from({ length: 25 }, (_, i) => person.post(`${n}-${i}`)))
  first.child.kill('SIGTERM')
  await first.exit
  const released = s3.objects.get('manifest.json') as Buffer
  const began = performance.now()
  const whole = await start(s3)
  const usual = performance.now() - began
  whole.child.kill('SIGTERM')
  await whole.exit

  const faults: unknown[] = []
  let [placed, pieces] = [0, 0]
  for (let round = 1; round <= ROUNDS; round++) {
    s3.objects.set('manifest.json', released)
    const folder = temporaryFolder()
    // In a small run the backup never comes, so that the kill finds the restore under way.
    if (isSmall)
      s3.troubles = [
        {
          matches: (method, key) => method === 'GET' && key.startsWith('copies/'),
          wait: new Promise(() => {}),
        },
      ]
    const killed = runTaskport({
      ...s3.env(),
      DATA_DIR: folder,
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warning',
    })
    await lingerOrUntil(usual * (0.3 + random()), () =>
      existsSync(join(folder, 'taskport.db.restore')),
    )
    killed.child.kill('SIGKILL')
    await killed.exit
    s3.troubles = []
    if (existsSync(join(folder, 'taskport.db.restore'))) pieces++
    if (!existsSync(join(folder, 'taskport.db'))) continue
    placed++
    faults.push(...(await faultsOf(join(folder, 'taskport.db'))))
    const titles = new Set((await tasksAt(join(folder, 'taskport.db'))).keys())
    if (titles.size !== 500) faults.push(`round ${round}: ${titles.size} tasks of 500`)
  }
  console.log(
    `a restore killed: ${ROUNDS} rounds, ${placed} with the whole database in place, ${pieces} with pieces beside its place, ${faults.length} faults`,
  )
  await s3.close()
  expect(faults, `SEED=${seed}`).toEqual([])
})
