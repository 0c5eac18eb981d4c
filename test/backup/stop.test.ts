// A process that has to end: what it still saves, what it gives up, and what it says, on a time
// that the test advances.
import { describe, expect, test } from 'vitest'
import { startBackupWriter, type WriterHarness } from './writer-harness.ts'

const SECOND = 1_000
const BUDGET = 6 * SECOND
const UNSAVED = 'no backup holds the last writes, they are on this disk only'

/** With a first backup, and a write after it. */
const begun = async (): Promise<WriterHarness> => {
  const keeping = await startBackupWriter()
  await keeping.write()
  await keeping.pass(10 * SECOND)
  expect(keeping.events).toEqual(['pack', 'packed', 'upload', 'uploaded', 'discarded'])
  keeping.events.length = 0
  keeping.lines.length = 0
  await keeping.write()
  return keeping
}
/** Stops it; how long that took, and whether everything is copied. */
const stop = async ({ writer, now, pass }: WriterHarness) => {
  const began = now()
  let outcome: { isKept: boolean; ms: number } | undefined
  void writer.stop(BUDGET).then((isKept) => {
    outcome = { isKept, ms: now() - began }
  })
  while (outcome === undefined) await pass(1)
  return outcome
}
const said = ({ lines }: WriterHarness, message: string) =>
  lines.filter((line) => line.message === message)

test('where all is well, the last backup is made and the database released', async () => {
  const keeping = await begun()
  expect(await stop(keeping)).toMatchObject({ isKept: true })
  expect(keeping.events).toEqual(['pack', 'packed', 'upload', 'uploaded', 'released', 'discarded'])
  expect(said(keeping, UNSAVED)).toEqual([])
})

describe.each<[string, Partial<WriterHarness['fates']>, string[]]>([
  ['a bucket that hangs', { upload: 'hangs' }, ['pack', 'packed', 'upload', 'discarded']],
  ['a backup that takes too long to pack', { pack: 60 * SECOND }, ['pack', 'packed']],
  [
    'an upload that takes too long',
    { upload: 60 * SECOND },
    ['pack', 'packed', 'upload', 'discarded'],
  ],
])('%s', (_name, fates, events) => {
  test('is given up when its time is over, and what no backup holds is said once', async () => {
    const keeping = await begun()
    Object.assign(keeping.fates, fates)
    expect(await stop(keeping)).toEqual({ isKept: false, ms: BUDGET })
    expect(keeping.events).toEqual(events)
    expect(said(keeping, UNSAVED)).toMatchObject([{ level: 'error', unsaved_seconds: 6 }])
    expect(keeping.lines).toHaveLength(1)
  })

  test('and so is the backup that was on its way before', async () => {
    const keeping = await begun()
    Object.assign(keeping.fates, fates)
    await keeping.pass(8 * SECOND)
    expect(await stop(keeping)).toEqual({ isKept: false, ms: BUDGET })
    expect(keeping.events).toEqual(events)
    expect(said(keeping, UNSAVED)).toMatchObject([{ unsaved_seconds: 14 }])
    expect(keeping.lines).toHaveLength(1)
  })
})

test('a bucket that refuses is asked until the time is over, without stack traces', async () => {
  const keeping = await begun()
  keeping.fates.upload = 'fails'
  expect(await stop(keeping)).toEqual({ isKept: false, ms: BUDGET })
  expect(keeping.events.filter((event) => event === 'upload').length).toBeGreaterThan(1)
  expect(said(keeping, UNSAVED)).toHaveLength(1)
  expect(JSON.stringify(keeping.lines)).not.toContain('"stack"')
})

test('a bucket that refuses for a moment gets the last backup', async () => {
  const keeping = await begun()
  keeping.fates.upload = 'fails'
  const stopping = stop(keeping)
  await keeping.pass(2 * SECOND)
  keeping.fates.upload = 0
  expect(await stopping).toMatchObject({ isKept: true })
  expect(keeping.events.at(-2)).toBe('released')
})

test('where nothing was written, a bucket that hangs costs no data, and the line says so', async () => {
  const keeping = await startBackupWriter()
  keeping.fates.upload = 'hangs'
  expect(await stop(keeping)).toEqual({ isKept: true, ms: BUDGET })
  expect(keeping.lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'warning: the bucket was not told that this process ends: the next one waits for it',
  ])
})

test('a backup stays whose entry was written, though the answer to that was lost', async () => {
  const keeping = await begun()
  keeping.fates.swap = 'answer lost'
  await stop(keeping)
  await keeping.pass(SECOND)
  expect(keeping.events).toEqual(['pack', 'packed', 'upload', 'uploaded', 'discarded'])
})
