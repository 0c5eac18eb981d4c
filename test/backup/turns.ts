// Processes that take turns on a real store, in one process and on a time that the test advances:
// each has its own disk and timer.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Bucket } from '../../src/backup/bucket.ts'
import type { BackupWriterState } from '../../src/backup/writer.ts'
import { parseConfig } from '../../src/config.ts'
import { type Log, silent } from '../../src/core/log.ts'
import { compile, everyColumn, query, write } from '../../src/db/statement.ts'
import { becomeWriter, bucketOf } from '../../src/runtimes/node/backup/backups.ts'
import { snapshotFolderOf } from '../../src/runtimes/node/backup/disk.ts'
import { openDatabase } from '../../src/runtimes/node/database.ts'
import { findDatabaseTarget } from '../../src/runtimes/node/database-target.ts'
import { createManualTime } from './manual-time.ts'

/** `work` is what takes real time while the time of the test stands still. */
export type ManualTimer = ReturnType<typeof createManualTime> & {
  work(): 'none' | 'bucket' | 'backup'
}

const STEP_MS = 250
const PATIENCE = 40
const tick = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Lets time pass for these, step by step, until something holds. It stands still while a backup is
 * made, and while a bucket is asked unless that takes for ever: or a busy machine would look like a
 * slow bucket.
 */
export const pass = async (
  timers: readonly ManualTimer[],
  holds: () => boolean | Promise<boolean>,
): Promise<void> => {
  while (!(await holds())) {
    while (timers.some(({ work }) => work() === 'backup')) await tick(10)
    for (let waits = 0; waits < PATIENCE && timers.some(({ work }) => work() === 'bucket'); waits++)
      await tick(5)
    for (const timer of timers) timer.advance(STEP_MS)
    await tick(0)
  }
}

const counting = (bucket: Bucket) => {
  let [asked, uploads] = [0, 0]
  const count = async <T>(answer: Promise<T>): Promise<T> => {
    asked++
    return answer.finally(() => asked--)
  }
  const counted: Bucket = {
    read: (key) => count(bucket.read(key)),
    swap: (...given) => count(bucket.swap(...given)),
    upload: (...given) => {
      uploads++
      return count(bucket.upload(...given))
    },
    download: (...given) => count(bucket.download(...given)),
    list: () => count(bucket.list()),
    remove: (key) => count(bucket.remove(key)),
  }
  return { bucket: counted, isAsked: () => asked > 0, uploads: () => uploads }
}

export type Taken = {
  /** As a process that is killed leaves its file: nothing is copied or released any more. */
  close(): Promise<void>
  readonly timer: ManualTimer
  state(): BackupWriterState
  readonly isEnded: () => boolean
  stop(): Promise<boolean>
  add(name: string): Promise<unknown>
  names(): Promise<string[]>
}
export type Process = {
  readonly timer: ManualTimer
  readonly folder: string
  readonly taken: Promise<Taken>
}

/** Starts a process that takes its turn; `folder` is its disk. */
export const startTurn = (
  env: Record<string, string>,
  folder = mkdtempSync(join(tmpdir(), 'taskport-turn-')),
  log: Log = silent,
): Process => {
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const config = parseConfig({ ...env, DATA_DIR: folder })
  const target = findDatabaseTarget(config)
  if (config.backup === undefined || target.kind !== 'file') throw new Error('nothing to back up')
  const { bucket, isAsked, uploads } = counting(bucketOf(config.backup))
  let uploaded = 0
  /** Is there a backup that has not been sent yet? */
  const isPacking = () => {
    if (existsSync(snapshotFolderOf(target.path))) return uploads() === uploaded
    uploaded = uploads()
    return false
  }
  const work = () => (isPacking() ? 'backup' : isAsked() ? 'bucket' : 'none')
  const timer: ManualTimer = { ...createManualTime(), work }
  const taken = becomeWriter({
    config,
    backupConfig: config.backup,
    target,
    log,
    timer,
    bucket,
  }).then(async (turn): Promise<Taken> => {
    const { db: plain } = await openDatabase(target, config)
    let ended = false
    const writer = turn.createWriter(plain, () => {
      ended = true
    })
    writer.start()
    let open = true
    const close = async () => {
      if (open) await plain.close()
      open = false
    }
    onTestFinished(close)
    const { settings } = plain.dialect.t
    const all = query<{ name: string }>(
      plain.dialect.q.select({ name: settings.name }).from(settings),
    )
    const insert = compile(plain.dialect.q.insert(settings).values(everyColumn(settings)))
    return {
      ...{
        close,
        timer,
        state: writer.state,
        stop: () => writer.stop(6_000),
        isEnded: () => ended,
      },
      add: (name) => writer.db.atomic([write(insert, { name: `test ${name}`, value: 'x' })]),
      names: async () =>
        (await plain.all(all)).flatMap(({ name }) => /^test (.*)/.exec(name)?.[1] ?? []).toSorted(),
    }
  })
  taken.catch(() => {})
  return { timer, folder, taken }
}

/** The same, when it is its turn. */
export const takenBy = async (
  { timer, taken }: Process,
  others: readonly ManualTimer[] = [],
): Promise<Taken> => {
  let settled = false
  taken.then(
    () => {
      settled = true
    },
    () => {
      settled = true
    },
  )
  await pass([timer, ...others], () => settled)
  return taken
}
