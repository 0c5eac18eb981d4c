// The contract of a bucket, held by each implementation.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Bucket, BucketError } from '../../src/backup/bucket.ts'
import { createS3 } from '../../src/backup/s3.ts'
import { createFolderBucket } from '../../src/runtimes/node/backup/folder.ts'
import { transport } from '../../src/runtimes/node/backup/transport.ts'
import { temporaryFolder } from '../support/process.ts'
import { ACCESS_KEY, BUCKET, type S3, SECRET_KEY, startS3 } from '../support/servers/s3.ts'

const contentOf = (bytes: Uint8Array) => {
  const path = join(temporaryFolder(), 'content')
  writeFileSync(path, bytes)
  return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}
const faultOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error) => (error instanceof BucketError ? error.fault : error),
  )

const s3 = async (
  options: { pageSize?: number; prefix?: string; secretAccessKey?: string } = {},
): Promise<{ store: S3; bucket: Bucket }> => {
  const store = await startS3(options)
  onTestFinished(() => store.close())
  const { prefix = '', secretAccessKey = SECRET_KEY } = options
  const target = {
    kind: 's3',
    endpoint: store.url,
    region: 'us-east-1',
    bucket: BUCKET,
    prefix,
    accessKeyId: ACCESS_KEY,
    secretAccessKey,
  } as const
  return { store, bucket: createS3(target, transport) }
}

const kinds: Record<string, () => Promise<Bucket>> = {
  'an S3 bucket': async () => (await s3()).bucket,
  'a prefix of an S3 bucket with short pages': async () =>
    (await s3({ prefix: 'a/b.c/', pageSize: 2 })).bucket,
  'a folder': async () => createFolderBucket(`${temporaryFolder()}/made/by it`),
}

describe.each(Object.entries(kinds))('%s', (_name, make) => {
  test('keeps objects under their keys, and lists all of them', async () => {
    const bucket = await make()
    expect(await bucket.list()).toEqual([])
    expect(await bucket.read('manifest.json')).toBeUndefined()
    const keys = [
      'copies/1-a.db',
      'copies/2-b.db',
      'copies/3-c.db',
      'orphans/1.db',
      'manifest.json',
    ]
    for (const key of keys)
      await bucket.upload(key, contentOf(new TextEncoder().encode(`in ${key}`)))
    expect((await bucket.list()).toSorted()).toEqual(keys.toSorted())
    expect(await text(await bucket.download('copies/2-b.db'))).toBe('in copies/2-b.db')
    await bucket.remove('copies/2-b.db')
    await bucket.remove('copies/2-b.db')
    expect(await bucket.list()).toHaveLength(4)
    expect(await faultOf(bucket.download('copies/2-b.db').then(text))).not.toBe('none')
  })

  test('swaps a text only by its tag, and makes it only where there is none', async () => {
    const bucket = await make()
    const first = await bucket.swap('manifest.json', '1', undefined)
    expect(await bucket.read('manifest.json')).toEqual({ text: '1', tag: first })
    expect(await faultOf(bucket.swap('manifest.json', '0', undefined))).toBe('conflict')
    const second = await bucket.swap('manifest.json', '2', first)
    expect(await faultOf(bucket.swap('manifest.json', '3', first))).toBe('conflict')
    expect(await bucket.read('manifest.json')).toEqual({ text: '2', tag: second })
  })

  test('lets one of twenty swaps at once win', async () => {
    const bucket = await make()
    const tag = await bucket.swap('manifest.json', 'start', undefined)
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        faultOf(bucket.swap('manifest.json', `writer ${i}`, tag)),
      ),
    )
    expect(outcomes.filter((fault) => fault === 'none')).toHaveLength(1)
    expect((await bucket.read('manifest.json'))?.text).toBe(`writer ${outcomes.indexOf('none')}`)
  })

  test('takes megabytes', async () => {
    const bucket = await make()
    const bytes = new Uint8Array(5_000_000).map((_, i) => (i * 31) % 251)
    await bucket.upload('copies/large', contentOf(bytes))
    for (const from of [0, 1, 4_999_999]) {
      const rest = await buffer(await bucket.download('copies/large', from))
      expect(rest.equals(bytes.subarray(from)), `from ${from}`).toBe(true)
    }
  })
})

describe('a folder', () => {
  const inFolder = () => {
    const parent = temporaryFolder()
    const folder = join(parent, 'backups of a database')
    mkdirSync(join(folder, 'copies'), { recursive: true })
    writeFileSync(join(parent, 'secret'), 'a secret')
    return { parent, folder, bucket: createFolderBucket(folder) }
  }
  /**
   * What each operation makes of a key; nothing outside of the folder is read, changed or removed.
   */
  const refuses = async ({ parent, bucket }: ReturnType<typeof inFolder>, key: string) => {
    const before = readdirSync(parent)
    const outcomes = [
      bucket.read(key),
      bucket.swap(key, 'mine', undefined),
      bucket.upload(key, contentOf(new TextEncoder().encode('mine'))),
      bucket.download(key).then(text),
      bucket.remove(key),
    ].map(faultOf)
    expect(await Promise.all(outcomes), key).toEqual(Array(5).fill('unexpected'))
    expect(readdirSync(parent), key).toEqual(before)
    expect(readFileSync(join(parent, 'secret'), 'utf8'), key).toBe('a secret')
  }

  test('is not left by any key', async () => {
    const setting = inFolder()
    const keys = [
      '../secret',
      'copies/../../secret',
      '..',
      '.',
      '',
      './secret',
      join(setting.parent, 'secret'),
      '/etc/passwd',
      'copies/',
    ]
    const others = [
      'copies//secret',
      '\0',
      'copies/a\0b',
      '..\\secret',
      '%2e%2e/secret',
      'copies/..',
      '../secret\n',
      'C:/secret',
    ]
    for (const key of [...keys, ...others]) await refuses(setting, key)
  })

  test('is not left by a symbolic link, of a file or of a folder', async () => {
    const setting = inFolder()
    symlinkSync(join(setting.parent, 'secret'), join(setting.folder, 'copies/file'))
    symlinkSync(setting.parent, join(setting.folder, 'orphans'))
    for (const key of ['copies/file', 'orphans/secret']) await refuses(setting, key)
    expect(await setting.bucket.list()).toEqual([])
  })

  test('may be reached by a symbolic link itself', async () => {
    const { parent, folder } = inFolder()
    symlinkSync(folder, join(parent, 'link'))
    const bucket = createFolderBucket(join(parent, 'link'))
    await bucket.swap('manifest.json', 'x', undefined)
    expect((await bucket.read('manifest.json'))?.text).toBe('x')
  })
})

describe('S3', () => {
  test('a wrong secret is refused, and so is a body that is not what was signed', async () => {
    const { store, bucket } = await s3()
    await bucket.swap('a', 'x', undefined)
    const { bucket: stranger } = await s3({ secretAccessKey: 'wrong' })
    expect(await faultOf(stranger.read('a'))).toBe('forbidden')
    const bytes = new Uint8Array([1, 2, 3])
    expect(await faultOf(bucket.upload('b', { ...contentOf(bytes), sha256: '0'.repeat(64) }))).toBe(
      'unexpected',
    )
    expect([...store.objects.keys()]).toEqual(['a'])
  })

  test('objects that are handed out elsewhere are fetched there, without the signature', async () => {
    const { store, bucket } = await s3()
    await bucket.swap('manifest.json', 'x', undefined)
    store.redirect = true
    expect((await bucket.read('manifest.json'))?.text).toBe('x')
    expect(await text(await bucket.download('manifest.json'))).toBe('x')
    expect(store.log.filter(({ status }) => status === 302)).toHaveLength(2)
    expect(await bucket.read('not there')).toBeUndefined()
  })

  test.each([
    [{ status: 403, code: 'AccessDenied' }, 'forbidden'],
    [{ status: 404, code: 'NoSuchBucket' }, 'no_bucket'],
    [{ status: 404, code: 'NotFound' }, 'no_bucket'],
    [{ status: 500, code: 'InternalError' }, 'unavailable'],
    [{ status: 503, code: 'SlowDown' }, 'unavailable'],
    [{ status: 409, code: 'ConditionalRequestConflict' }, 'conflict'],
    [{ status: 400, code: 'AuthorizationHeaderMalformed' }, 'unexpected'],
    [{ forget: true }, 'unavailable'],
    [{ half: true }, 'unavailable'],
  ])('%j is %s, never an object that is not there', async (trouble, fault) => {
    const { store, bucket } = await s3()
    await bucket.swap('manifest.json', 'a text of some length', undefined)
    expect(await faultOf(bucket.read('manifest.json'))).toBe('none')
    store.troubles = [{ matches: () => true, ...trouble }]
    expect(await faultOf(bucket.read('manifest.json'))).toBe(fault)
    expect(await faultOf(bucket.list())).toBe(fault)
    if (!('half' in trouble))
      expect(await faultOf(bucket.swap('manifest.json', 'other', undefined))).toBe(fault)
  })

  test('a page that is no list is no empty prefix', async () => {
    const { store, bucket } = await s3()
    store.troubles = [{ matches: () => true, change: () => Buffer.from('<html>welcome</html>') }]
    expect(await faultOf(bucket.list())).toBe('unexpected')
  })

  test('a store that knows no ranges sends the whole, of which the first bytes are left out', async () => {
    const { store, bucket } = await s3()
    await bucket.upload('copies/one', contentOf(new TextEncoder().encode('0123456789')))
    store.ranges = false
    expect(await text(await bucket.download('copies/one', 4))).toBe('456789')
  })

  test('an upload that is given up ends, though nobody answers', async () => {
    const { store, bucket } = await s3()
    store.troubles = [{ matches: () => true, wait: new Promise(() => {}) }]
    const giving = new AbortController()
    const upload = bucket.upload('copies/one', contentOf(new Uint8Array([1])), giving.signal)
    giving.abort()
    expect(await faultOf(upload)).toBe('unavailable')
  })

  test('nobody there, and nobody who answers', async () => {
    const { store, bucket } = await s3()
    store.troubles = [{ matches: () => true, wait: new Promise(() => {}) }]
    expect(await faultOf(bucket.read('manifest.json'))).toBe('unavailable')
    store.troubles = []
    await store.close()
    expect(await faultOf(bucket.read('manifest.json'))).toBe('unavailable')
  })
})
