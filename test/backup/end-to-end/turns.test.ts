// One writer at a time: handing over, being fenced off, going on alone.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { MANIFEST } from '../../../src/backup/manifest.ts'
import { openFile } from '../../../src/db/open/file.ts'
import { rawQuery } from '../../../src/db/statement.ts'
import { temporaryFolder } from '../../support/process.ts'
import { type S3, startS3, type Trouble } from '../../support/servers/s3.ts'
import { pass, startTurn, type Taken, takenBy } from '../turns.ts'

const store = async (): Promise<S3> => {
  const s3 = await startS3()
  onTestFinished(() => s3.close())
  return s3
}
const manifestIn = (s3: S3) => JSON.parse(String(s3.objects.get(MANIFEST))).manifest
const keysIn = (s3: S3, folder: string) =>
  [...s3.objects.keys()].filter((key) => key.startsWith(folder))
/** The names in a backup, which is read as anybody would. */
const namesIn = async (s3: S3, key: string): Promise<string[]> => {
  const path = join(temporaryFolder(), 'copy.db')
  writeFileSync(path, gunzipSync(s3.objects.get(key) as Buffer))
  const db = openFile(path)
  const rows = await db.all(
    rawQuery<{ name: string }>("select name from settings where name like 'test %'", ['name']),
  )
  await db.close()
  return rows.map(({ name }) => name.slice(5)).toSorted()
}
const copied = (writer: Taken) =>
  pass([writer.timer], () => writer.state().unsavedFor === undefined)
const refusal = { code: 'unavailable' }

describe('handing over', () => {
  test('a candidate waits for the last backup, which holds everything; the writer before refuses writes from then on, and ends', async () => {
    const s3 = await store()
    const old = await takenBy(startTurn(s3.env()))
    await old.add('copied')
    await copied(old)
    const running = Array.from({ length: 50 }, (_, i) => old.add(`last ${i}`))
    const process = startTurn(s3.env())
    const next = await takenBy(process, [old.timer])
    await Promise.all(running)
    await expect(old.add('too late')).rejects.toMatchObject(refusal)
    expect(await next.names()).toEqual(
      ['copied', ...Array.from({ length: 50 }, (_, i) => `last ${i}`)].toSorted(),
    )
    await next.add('by the next')
    await pass([old.timer], old.isEnded)
    expect(keysIn(s3, 'orphans/')).toEqual([])
    await copied(next)
    expect(manifestIn(s3)).toMatchObject({ epoch: 2, released: false, claim: null })
    expect(manifestIn(s3).copies.map(({ epoch, sequence }: any) => [epoch, sequence])).toEqual([
      [1, 1],
      [1, 2],
      [2, 3],
    ])
  })

  test('a last backup that takes longer than a lease is waited for', async () => {
    const s3 = await store()
    const old = await takenBy(startTurn(s3.env()))
    await old.add('in a slow backup')
    const slow: Trouble = {
      matches: (method, key) => method === 'PUT' && key.startsWith('copies/'),
      status: 503,
    }
    s3.troubles = [slow]
    const process = startTurn(s3.env())
    let taken = false
    process.taken.then(() => {
      taken = true
    })
    const waited = old.timer.now() + 60_000
    await pass([old.timer, process.timer], () => old.timer.now() > waited)
    expect(taken).toBe(false)
    s3.troubles = []
    expect(await (await takenBy(process, [old.timer])).names()).toEqual(['in a slow backup'])
  })

  test('where the candidate vanishes, the writer goes on', async () => {
    const s3 = await store()
    const old = await takenBy(startTurn(s3.env()))
    await old.add('one')
    await copied(old)
    const process = startTurn(s3.env())
    await pass([old.timer], () => manifestIn(s3).released) // the candidate's own time stands still
    await expect(old.add('two')).rejects.toMatchObject(refusal)
    await pass([old.timer], () => old.state().writing)
    await old.add('two')
    await copied(old)
    expect(manifestIn(s3)).toMatchObject({ released: false, claim: null, epoch: 3 })
    await expect(takenBy(process)).rejects.toThrow(
      'another process has claimed the database after this one',
    )
  })

  test('of two newcomers the later one becomes the writer, and the other ends', async () => {
    const s3 = await store()
    const old = await takenBy(startTurn(s3.env()))
    await old.add('one')
    const first = startTurn(s3.env())
    await pass([first.timer], () => manifestIn(s3).claim !== null)
    const second = startTurn(s3.env())
    await pass([second.timer], () => manifestIn(s3).claim.epoch === 3)
    const outcomes = Promise.allSettled([first.taken, second.taken])
    let over = false
    outcomes.then(() => {
      over = true
    })
    await pass([old.timer, first.timer, second.timer], () => over)
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(await (await second.taken).names()).toEqual(['one'])
  })

  test('two that begin at once on an empty bucket: one database comes of it', async () => {
    const s3 = await store()
    const processes = [startTurn(s3.env()), startTurn(s3.env())]
    let over = false
    const outcomes = Promise.allSettled(processes.map(({ taken }) => taken))
    outcomes.then(() => {
      over = true
    })
    const timers = processes.map(({ timer }) => timer)
    const takens: Taken[] = []
    for (const { taken } of processes)
      taken.then(
        (one) => takens.push(one),
        () => {},
      )
    await pass(timers, () => over)
    await pass(timers, () => takens.filter((one) => one.state().writing).length === 1)
    const writer = takens.find((one) => one.state().writing) as Taken
    await writer.add('one')
    await copied(writer)
    expect(manifestIn(s3).copies.at(-1).epoch).toBe(manifestIn(s3).epoch)
    for (const other of takens.filter((one) => one !== writer))
      await expect(other.add('x')).rejects.toMatchObject(refusal)
  })
})

describe('a writer that was stopped for longer than a lease', () => {
  test('acknowledges nothing any more, keeps its last writes apart, and no backup mixes them', async () => {
    const s3 = await store()
    const old = await takenBy(startTurn(s3.env()))
    await old.add('copied')
    await copied(old)
    await old.add('in no backup')
    const next = await takenBy(startTurn(s3.env())) // the time of the old one stands still
    expect(await next.names()).toEqual(['copied'])
    await next.add('by the next')
    old.timer.advance(20_000)
    await expect(old.add('after the stop')).rejects.toMatchObject(refusal)
    await pass([old.timer], old.isEnded)
    const [orphan, ...more] = keysIn(s3, 'orphans/')
    expect(more).toEqual([])
    expect(orphan).toMatch(/^orphans\/00000001-/)
    expect(await namesIn(s3, orphan as string)).toEqual(['copied', 'in no backup'])
    await copied(next)
    expect(await namesIn(s3, manifestIn(s3).copies.at(-1).key)).toEqual(['by the next', 'copied'])
  })

  test('and in the middle of a backup: the backup is not taken into the manifest', async () => {
    const s3 = await store()
    const old = await takenBy(startTurn(s3.env()))
    await old.add('copied')
    await copied(old)
    await old.add('in no backup')
    let [arrived, goOn] = [false, () => {}]
    const isCopy = (method: string, key: string) => {
      const is = method === 'PUT' && key.startsWith('copies/00000001-')
      arrived ||= is
      return is
    }
    s3.troubles = [{ matches: isCopy, wait: new Promise<void>((resolve) => (goOn = resolve)) }]
    await pass([old.timer], () => arrived)
    const next = await takenBy(startTurn(s3.env()))
    goOn()
    await pass([old.timer], old.isEnded)
    expect(keysIn(s3, 'orphans/')).toHaveLength(1)
    expect(manifestIn(s3).copies.map(({ epoch }: any) => epoch)).toEqual([1])
    expect(await next.names()).toEqual(['copied'])
  })
})

describe('a bucket that fails under the writer', () => {
  const another = async (): Promise<Buffer> => {
    const other = await store()
    const writer = await takenBy(startTurn(other.env()))
    await writer.add('x')
    await copied(writer)
    return other.objects.get(MANIFEST) as Buffer
  }
  const flipped = (body: Buffer): Buffer =>
    Buffer.from(body.map((byte, i) => (i === 150 ? byte ^ 4 : byte)))

  test.each<[string, (s3: S3, first: Buffer) => Promise<Trouble | Buffer | undefined>]>([
    ['answers 403', async () => ({ matches: () => true, status: 403, code: 'AccessDenied' })],
    [
      'answers 404 for the bucket',
      async () => ({ matches: () => true, status: 404, code: 'NoSuchBucket' }),
    ],
    ['answers 500', async () => ({ matches: () => true, status: 500 })],
    ['answers 503', async () => ({ matches: () => true, status: 503, code: 'SlowDown' })],
    [
      'takes what it is sent and says nothing',
      async () => ({ matches: (method) => method === 'PUT', forget: true }),
    ],
    ['sends half of a body', async () => ({ matches: (method) => method === 'GET', half: true })],
    ['flips a bit', async (s3) => flipped(s3.objects.get(MANIFEST) as Buffer)],
    ['shows an older manifest', async (_s3, first) => first],
    ['shows garbage', async () => Buffer.from('<html>')],
    ['shows the manifest of another database', another],
    ['has no manifest any more', async () => undefined],
  ])(
    'it %s: the service goes on, no backup is lost, and it backs up again afterwards',
    async (_name, make) => {
      const s3 = await store()
      const writer = await takenBy(startTurn(s3.env()))
      await writer.add('one')
      await copied(writer)
      const first = s3.objects.get(MANIFEST) as Buffer
      await writer.add('two')
      await copied(writer)
      const good = new Map(s3.objects)
      const trouble = await make(s3, first)
      if (Buffer.isBuffer(trouble)) s3.objects.set(MANIFEST, trouble)
      else if (trouble) s3.troubles = [trouble]
      else s3.objects.delete(MANIFEST)

      const failures = writer.state().failures
      await writer.add('three')
      const forgets = trouble !== undefined && 'forget' in trouble
      const halves = trouble !== undefined && 'half' in trouble
      if (!halves) await pass([writer.timer], () => writer.state().failures > failures)
      await writer.add('four')
      expect(await writer.names()).toEqual(['four', 'one', 'three', 'two'])
      for (const [key, body] of good)
        if (key !== MANIFEST) expect(s3.objects.get(key)?.equals(body), key).toBe(true)
      if (!forgets && !halves) expect(writer.state().lossBound).toBeUndefined()

      s3.troubles = []
      if (trouble === undefined || Buffer.isBuffer(trouble))
        s3.objects.set(MANIFEST, good.get(MANIFEST) as Buffer)
      await copied(writer)
      expect(await namesIn(s3, manifestIn(s3).copies.at(-1).key)).toEqual([
        'four',
        'one',
        'three',
        'two',
      ])
      expect(await writer.stop()).toBe(true)
      expect(manifestIn(s3).released).toBe(true)
      expect(await (await takenBy(startTurn(s3.env()))).names()).toEqual([
        'four',
        'one',
        'three',
        'two',
      ])
    },
  )

  test('what is out of reach of the writer alone is taken over, and what it wrote meanwhile is kept apart', async () => {
    const s3 = await store()
    const old = await takenBy(startTurn(s3.env()))
    await old.add('one')
    await copied(old)
    const env = { ...s3.env() }
    const process = startTurn(env)
    // Only the old one's time passes while the store is away, and only the candidate's while it is
    // there.
    s3.troubles = [{ matches: () => true, status: 503 }]
    await pass([old.timer], () => old.timer.now() > 60_000)
    await old.add('alone')
    s3.troubles = []
    const next = await takenBy(process)
    expect(await next.names()).toEqual(['one'])
    await pass([old.timer], old.isEnded)
    expect(await namesIn(s3, keysIn(s3, 'orphans/')[0] as string)).toEqual(['alone', 'one'])
  })
})

test('a file as new as the backups is kept, with what no backup holds, and copied', async () => {
  const s3 = await store()
  const process = startTurn(s3.env())
  const first = await takenBy(process)
  await first.add('copied')
  await copied(first)
  await first.add('in no backup')
  await first.close()
  const second = await takenBy(startTurn(s3.env(), process.folder))
  expect(await second.names()).toEqual(['copied', 'in no backup'])
  await copied(second)
  expect(await namesIn(s3, manifestIn(s3).copies.at(-1).key)).toEqual(['copied', 'in no backup'])
})

test('backups that nobody needs any more are deleted, and nothing else is', async () => {
  const s3 = await store()
  const writer = await takenBy(startTurn(s3.env()))
  for (let i = 0; i < 12; i++) {
    await writer.add(`${i}`)
    await copied(writer)
  }
  await pass([writer.timer], () => keysIn(s3, 'copies/').length === manifestIn(s3).copies.length)
  const kept = manifestIn(s3).copies.map(({ key }: any) => key)
  expect(kept.length).toBeLessThan(12)
  expect(kept.length).toBeGreaterThanOrEqual(10)
  expect(keysIn(s3, 'copies/').toSorted()).toEqual(kept.toSorted())
})
