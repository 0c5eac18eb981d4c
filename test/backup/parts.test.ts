import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Bucket, BucketError } from '../../src/backup/bucket.ts'
import { decrypt, encrypt } from '../../src/backup/encryption.ts'
import {
  type Backup,
  backupKey,
  MANIFEST,
  numberOf,
  parseManifest,
  readManifest,
  swapManifest,
  type TaggedManifest,
} from '../../src/backup/manifest.ts'
import { retained } from '../../src/backup/retention.ts'
import { backoff, withRetry } from '../../src/backup/retry.ts'
import { dueAt, lossBound } from '../../src/backup/schedule.ts'
import { createFolderBucket } from '../../src/runtimes/node/backup/folder.ts'
import { temporaryFolder } from '../support/process.ts'

const SECRET = 'a key of thirty-two characters!!'
/** What is sealed as one. */
const CHUNK = 2 ** 16

describe('encryption', () => {
  const source = async function* (bytes: Uint8Array, step: number) {
    for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
  }
  const encrypted = (bytes: Uint8Array, step = 65_536, secret = SECRET) =>
    buffer(encrypt(secret)(source(bytes, step)))
  const decrypted = (bytes: Uint8Array, step = 65_536, secret = SECRET) =>
    buffer(decrypt(secret)(source(bytes, step)))

  test.each([0, 1, 1000, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 5])(
    '%i bytes come back, in whatever pieces',
    async (size) => {
      const bytes = new Uint8Array(size).map((_, i) => (i * 31 + (i >> 8)) % 256)
      for (const step of [7_919, CHUNK, 5 * CHUNK]) {
        const sealed = await encrypted(bytes, step)
        expect((await decrypted(sealed, 10_007)).equals(bytes), `${step}`).toBe(true)
        expect(sealed.length).toBe(size + 24 + 16 * Math.max(1, Math.ceil(size / CHUNK)))
      }
    },
  )

  test('the same bytes are never encrypted alike, and say nothing in the clear', async () => {
    const bytes = Buffer.from('the same secret plan '.repeat(100))
    const [one, other] = [await encrypted(bytes), await encrypted(bytes)]
    expect(one.subarray(24).equals(other.subarray(24))).toBe(false)
    expect(one.includes('secret plan')).toBe(false)
  })

  test('another key is named as the reason', async () => {
    await expect(decrypted(await encrypted(Buffer.from('x')), 100, `${SECRET}?`)).rejects.toThrow(
      'BACKUP_ENCRYPTION_KEY is not the key of this backup',
    )
    await expect(decrypted(Buffer.from('not encrypted at all, but long enough'))).rejects.toThrow(
      'not an encrypted backup',
    )
  })

  test('a bit that is flipped, a part that is missing, moved or added is found out', async () => {
    const sealed = await encrypted(new Uint8Array(3 * CHUNK).fill(7))
    const chunk = CHUNK + 16
    const [head, a, b, c] = [
      sealed.subarray(0, 24),
      ...[0, 1, 2].map((i) => sealed.subarray(24 + i * chunk, 24 + (i + 1) * chunk)),
    ] as Buffer[]
    expect((await decrypted(Buffer.concat([head!, a!, b!, c!]))).length).toBe(3 * CHUNK)
    for (const parts of [[a, b], [a, c], [b, a, c], [a, b, c, c], [a, b, c?.subarray(0, -1)], []])
      await expect(decrypted(Buffer.concat([head, ...parts] as Buffer[]))).rejects.toThrow()
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length * 8 - 1), async (bit) => {
        const bent = Buffer.from(sealed)
        bent[bit >> 3]! ^= 1 << (bit & 7)
        await expect(decrypted(bent, CHUNK)).rejects.toThrow()
      }),
      { numRuns: 20 },
    )
  })
})

const HOUR = 3_600_000
const NOW = Date.parse('2026-11-23T12:00:00.000Z')
const backupAt = (at: number, sequence: number): Backup => ({
  ...{
    key: backupKey(1, sequence, false),
    bytes: 1,
    sha256: 'a'.repeat(64),
    database_bytes: 1,
    created_at: new Date(at).toISOString(),
  },
  ...{ duration: 1, epoch: 1, sequence, encrypted: false, migration: '0000_x' },
})

describe('retention', () => {
  test('of a backup every minute for ten days: the last ten, one an hour for a day, one a day for a week', () => {
    let kept: Backup[] = []
    for (let i = 0; i <= 10 * 24 * 60; i++)
      kept = retained([...kept, backupAt(NOW + i * 60_000, i + 1)])
    const end = NOW + 10 * 24 * HOUR
    const ages = kept.map(({ created_at }) => (end - Date.parse(created_at)) / HOUR)
    expect(ages.slice(-10)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((minutes) => minutes / 60))
    for (let hour = 0; hour < 24; hour++)
      expect(
        ages.some((age) => age >= hour && age < hour + 1),
        `hour ${hour}`,
      ).toBe(true)
    for (let day = 0; day < 7; day++)
      expect(
        ages.some((age) => age >= 24 * day && age < 24 * (day + 1)),
        `day ${day}`,
      ).toBe(true)
    expect(kept.length).toBeLessThanOrEqual(10 + 25 + 8)
    expect(Math.max(...ages)).toBeLessThanOrEqual(7 * 24)
  })

  test('the last ten stay, however old', () => {
    const old = Array.from({ length: 30 }, (_, i) => backupAt(NOW - 365 * 24 * HOUR + i, i + 1))
    expect(retained(old)).toEqual(old.slice(-10))
  })

  test('a clock that is 40 days ahead for a while makes no others old', () => {
    const hourly = Array.from({ length: 24 * 7 }, (_, i) => backupAt(NOW + i * HOUR, i + 1))
    const kept = retained(hourly)
    const end = NOW + 24 * 7 * HOUR
    const ahead = [...kept, backupAt(end + 40 * 24 * HOUR, 1_000)]
    const after = retained([...retained(ahead), backupAt(end, 1_001)])
    // One hour and one day more, and so the oldest of each less.
    expect(kept.filter((backup) => !after.includes(backup)).length).toBeLessThanOrEqual(4)
    expect(after.length).toBeGreaterThan(25)
  })
})

describe('when a backup is due', () => {
  const history = {
    unsavedSince: 100_000,
    begun: Number.NEGATIVE_INFINITY,
    duration: 0,
    failures: 0,
  }

  test('five seconds after the first write, and after nineteen times what one took', () => {
    expect(dueAt({ ...history, unsavedSince: undefined })).toBeUndefined()
    expect(dueAt(history)).toBe(105_000)
    expect(dueAt({ ...history, begun: 99_000, duration: 200 })).toBe(105_000)
    expect(dueAt({ ...history, begun: 99_000, duration: 2_000 })).toBe(137_000)
  })

  test('later and later after failures, but not later than five minutes', () => {
    const after = (failures: number) =>
      (dueAt({ ...history, begun: 200_000, failures }) ?? 0) - 200_000
    expect([1, 2, 3, 7, 8, 40].map(after)).toEqual([
      5_000, 10_000, 20_000, 300_000, 300_000, 300_000,
    ])
  })

  test('whatever the load, what a kill costs stays within the bound', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60_000 }),
        fc.array(fc.integer({ min: 0, max: 30_000 }), { minLength: 1 }),
        (duration, pauses) => {
          // Writes at these pauses; a backup holds what was written before it began, and a kill comes
          // just before it ends.
          let [now, begun, ended] = [0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]
          let unsavedSince: number | undefined
          for (const pause of pauses) {
            now += pause
            const due = dueAt({ unsavedSince, begun, duration, failures: 0 })
            if (due !== undefined && Math.max(due, ended) <= now) {
              begun = Math.max(due, ended)
              ended = begun + duration
              expect(ended - (unsavedSince ?? begun)).toBeLessThanOrEqual(lossBound(duration))
              unsavedSince = undefined
            }
            unsavedSince ??= now
          }
        },
      ),
    )
    expect(lossBound(200)).toBe(5_200)
    expect(lossBound(1_000)).toBe(20_000)
  })
})

describe.each([
  ['without a key', undefined],
  ['with one', SECRET],
])('the manifest, %s', (_name, encryptionKey) => {
  const trust = { encryptionKey, acceptUnauthenticated: false }
  const empty = {
    format: 1 as const,
    lineage: 'l',
    epoch: 1,
    writer: 'w',
    released: false,
    claim: null,
    copies: [backupAt(NOW, 1)],
  }

  test('comes back as it was; any other text is damaged', async () => {
    const bucket = createFolderBucket(temporaryFolder())
    const held = await swapManifest({ bucket, trust }, empty, undefined)
    expect(await readManifest({ bucket, trust })).toEqual(held)
    const { text } = (await bucket.read(MANIFEST))!
    for (const bad of [
      '',
      'null',
      '{}',
      text.slice(0, -20),
      text.replace('"epoch": 1', '"epoch": 2'),
      text.replace(/"w"/, '"v"'),
      `${text}x`,
    ])
      await expect(parseManifest(bad, trust)).rejects.toThrow('damaged')
    expect(await parseManifest(text, trust)).toEqual(held.manifest)
  })

  test('a swap whose answer was lost is recognised as done; one that came too late is not', async () => {
    const inner = createFolderBucket(temporaryFolder())
    let lose = true
    const forgetful: Bucket = {
      ...inner,
      swap: async (...given) => {
        const tag = await inner.swap(...given)
        if (!lose) return tag
        lose = false
        throw new BucketError('unavailable', 'the answer is lost')
      },
    }
    const timer = { now: () => 0, sleep: async () => {} }
    const held: TaggedManifest = await swapManifest(
      { bucket: withRetry(forgetful, 1_000, timer), trust },
      empty,
      undefined,
    )
    expect(await readManifest({ bucket: inner, trust })).toEqual(held)
    const next = await swapManifest({ bucket: inner, trust }, { ...empty, writer: 'x' }, held.tag)
    await expect(
      swapManifest({ bucket: inner, trust }, { ...empty, writer: 'y' }, held.tag),
    ).rejects.toMatchObject({ fault: 'conflict' })
    expect(await readManifest({ bucket: inner, trust })).toEqual(next)
  })

  test('keys say the order in which backups were made', () => {
    expect(numberOf(backupKey(3, 17, true))).toEqual({ epoch: 3, sequence: 17 })
    expect(
      ['orphans/00000001-00000001-12345678.db.gz', 'copies/x', 'manifest.json'].map(numberOf),
    ).toEqual([undefined, undefined, undefined])
    expect(new Set(Array.from({ length: 100 }, () => backupKey(1, 1, false))).size).toBe(100)
  })
})

describe('asking again', () => {
  test('waits longer each time, never more than half a minute, and gives up in the end', async () => {
    expect([1, 2, 3, 20].map((failures) => backoff(failures, () => 1))).toEqual([
      250, 500, 1_000, 30_000,
    ])
    let [now, asked] = [0, 0]
    const timer = {
      now: () => now,
      sleep: async (ms: number) => {
        now += ms
      },
    }
    const ask = (error: unknown) => {
      ;[now, asked] = [0, 0]
      const bucket = {
        read: async () => Promise.reject(asked++ < 0 ? undefined : error),
      } as unknown as Bucket
      return withRetry(bucket, 60_000, timer).read('x')
    }
    await expect(ask(new BucketError('unavailable', 'busy'))).rejects.toThrow('busy')
    expect(asked).toBeGreaterThan(7)
    expect(now).toBeLessThanOrEqual(60_000)
    await expect(ask(new BucketError('forbidden', 'no'))).rejects.toThrow('no')
    expect(asked).toBe(1)
  })
})
