// The service with backups, as real processes on a real store: what it keeps, what it refuses, and
// what it says.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { enter, type Person } from '../../soak/person.ts'
import { addBallast } from '../../support/ballast.ts'
import { type Run, runTaskport, startTaskport, temporaryFolder } from '../../support/process.ts'
import { freePort } from '../../support/servers/process.ts'
import { type S3, startS3 } from '../../support/servers/s3.ts'
import { until } from '../../support/size.ts'
import { NO_SMALL_DISK, smallDisk } from '../../support/small-disk.ts'

const store = async (): Promise<S3> => {
  const s3 = await startS3()
  onTestFinished(() => s3.close())
  return s3
}
const stop = async ({ child, exit }: Run): Promise<number | null> => {
  child.kill('SIGTERM')
  return exit
}
const statusOf = async (url: string) => (await (await fetch(`${url}/status`)).json()) as any
const titles = async (person: Person) => (await person.tasks()).map(({ title }) => title).toSorted()
const copiesIn = (s3: S3) => [...s3.objects.keys()].filter((key) => key.includes('copies/'))

const refused = async (env: Record<string, string>): Promise<string> => {
  const started = runTaskport({ PORT: '0', HOST: '127.0.0.1', ...env })
  expect(await started.exit).toBe(1)
  expect(started.err()).toMatch(/^taskport: [^\n]+\n$/)
  return started.err()
}

/**
 * A store that holds the database of somebody with one task, released; and the folder of the
 * database.
 */
const written = async (s3: S3, extra: Record<string, string> = {}) => {
  const folder = temporaryFolder()
  const env = { ...s3.env(), ...extra }
  const service = await startTaskport({ DATA_DIR: folder, ...env })
  const ada = await enter(service.url, 'ada', 'register')
  await ada.post('first')
  expect(await stop(service)).toBe(0)
  return { folder, env }
}

describe.each([
  ['a bucket', async () => (await store()).env('some/where')],
  [
    'a bucket, encrypted',
    async () => ({
      ...(await store()).env(),
      BACKUP_ENCRYPTION_KEY: 'a key of thirty-two characters!!',
    }),
  ],
  ['a folder', async () => ({ BACKUP_URL: `file:${temporaryFolder()}` })],
])('in %s', (_name, place) => {
  test('what was acknowledged before SIGTERM is there on an empty disk, and goes on from there', async () => {
    const env: Record<string, string> = await place()
    const first = await startTaskport(env)
    const ada = await enter(first.url, 'ada', 'register')
    await Promise.all(Array.from({ length: 20 }, (_, i) => ada.post(`task ${i}`)))
    expect(await stop(first)).toBe(0)

    const second = await startTaskport(env)
    const again = await enter(second.url, 'ada', 'login')
    expect(await titles(again)).toEqual(
      Array.from({ length: 20 }, (_, i) => `task ${i}`).toSorted(),
    )
    expect(await statusOf(second.url)).toMatchObject({
      backup: { failures: 0, encrypted: env['BACKUP_ENCRYPTION_KEY'] !== undefined },
    })
    await again.post('later')
    expect(await stop(second)).toBe(0)

    const third = await startTaskport(env)
    expect(await titles(await enter(third.url, 'ada', 'login'))).toContain('later')
  })
})

test('a command beside a service that has restored its database works on the same one', async () => {
  const { env } = await written(await store())
  const DATA_DIR = temporaryFolder()
  const service = await startTaskport({ DATA_DIR, ...env })
  const command = spawn(process.execPath, ['scripts/user.ts', 'add', 'grace@example.org'], {
    env: { ...process.env, DATA_DIR },
  })
  command.stdin.end('a heron on the pier')
  expect((await once(command, 'close'))[0]).toBe(0)
  const grace = await enter(service.url, 'grace', 'login')
  await grace.post('hers')
  expect(await titles(grace)).toEqual(['hers'])
})

test('a service that is taken over by another one ends, and says why in its last line', async () => {
  const { env } = await written(await store())
  const first = await startTaskport(env)
  const second = await startTaskport(env)
  expect(await first.exit).toBe(0)
  expect(JSON.parse(first.out().trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    message: 'the process ends',
    reason: 'another process has taken the database over',
    code: 0,
  })
  expect(await stop(second)).toBe(0)
})

test('a backup is made after writes, and what /status, the page and the metrics say is so', async () => {
  const s3 = await store()
  const METRICS_TOKEN = 'a token for metrics'
  const service = await startTaskport({ ...s3.env(), METRICS_TOKEN })
  expect((await statusOf(service.url)).backup).toMatchObject({
    last_at: null,
    age_seconds: null,
    loss_bound_seconds: null,
  })
  const ada = await enter(service.url, 'ada', 'register')
  await ada.post('one')
  expect((await statusOf(service.url)).backup.unsaved_seconds).not.toBeNull()
  await until(async () => (await statusOf(service.url)).backup.last_at !== null)
  const { backup: backups, durability } = await statusOf(service.url)
  expect(backups).toMatchObject({ encrypted: false, failures: 0 })
  expect(backups.loss_bound_seconds).toBeGreaterThanOrEqual(5)
  expect(backups.size_bytes).toBe(s3.objects.get(copiesIn(s3).at(-1) ?? '')?.length)
  expect(durability.kind).toBe('durable')
  const page = await (await fetch(service.url, { headers: { Accept: 'text/html' } })).text()
  expect(page).toMatch(
    /Kept across restarts\.[^<]*<\/strong>\s*The database backs itself up to another place/,
  )
  const said = JSON.stringify([await statusOf(service.url), page])
  for (const secret of [s3.url, s3.env()['BACKUP_SECRET_ACCESS_KEY'], 's3:'])
    expect(said).not.toContain(secret)
  const metrics = await (
    await fetch(`${service.url}/metrics`, { headers: { Authorization: `Bearer ${METRICS_TOKEN}` } })
  ).text()
  for (const name of [
    'backup_age_seconds',
    'backup_duration_seconds',
    'backup_size_bytes',
    'backups_total',
    'backup_failures_total',
  ])
    expect(metrics).toMatch(new RegExp(`^taskport_${name} [\\d.]+$`, 'm'))
})

describe('a bucket that is not as it should be', () => {
  test.each([
    [
      { status: 403, code: 'AccessDenied' },
      /does not let this key in \(403 AccessDenied\): correct BACKUP_ACCESS_KEY_ID/,
    ],
    [
      { status: 404, code: 'NoSuchBucket' },
      /the bucket is not there \(404 NoSuchBucket\): make it, or correct the name in BACKUP_URL/,
    ],
    [{ change: () => Buffer.from('garbage') }, /manifest\.json in the bucket is damaged/],
    [
      { change: (body: Buffer) => body.map((byte, i) => (i === 200 ? byte ^ 1 : byte)) as Buffer },
      /manifest\.json in the bucket is damaged/,
    ],
  ])('%j: it does not start, and changes nothing there', async (trouble, message) => {
    const s3 = await store()
    const { env } = await written(s3)
    const before = [...s3.objects]
    s3.troubles = [{ matches: (_method, key) => key === 'manifest.json', ...trouble }]
    const folder = temporaryFolder()
    expect(await refused({ ...env, DATA_DIR: folder })).toMatch(message)
    expect(readdirSync(folder)).toEqual([])
    expect([...s3.objects]).toEqual(before)
  })

  test.each([
    [
      'a flipped bit',
      { change: (body: Buffer) => body.map((byte, i) => (i === 900 ? byte ^ 1 : byte)) as Buffer },
    ],
    ['garbage', { change: () => Buffer.from('<html>') }],
  ])(
    'a backup of which %s comes: it does not start, and leaves nothing half-written',
    async (_name, trouble) => {
      const s3 = await store()
      const { env } = await written(s3)
      const backups = copiesIn(s3)
      s3.troubles = [
        { matches: (method, key) => method === 'GET' && key.startsWith('copies/'), ...trouble },
      ]
      const folder = temporaryFolder()
      expect(await refused({ ...env, DATA_DIR: folder })).toMatch(
        /the backup of .* is damaged in the bucket, or on its way from there/,
      )
      expect(readdirSync(folder)).toEqual([])
      expect(
        s3.log.filter(({ method, key }) => method === 'GET' && key === backups.at(-1)).length,
        'it was tried again',
      ).toBe(3)
      s3.troubles = []
      expect(copiesIn(s3)).toEqual(backups)
      expect(await titles(await enter((await startTaskport(env)).url, 'ada', 'login'))).toEqual([
        'first',
      ])
    },
  )

  test('a connection that ends in the middle of a backup: the download goes on from there', async () => {
    const s3 = await store()
    const { env } = await written(s3)
    const backup = copiesIn(s3).at(-1)
    s3.troubles = [{ matches: (method, key) => method === 'GET' && key === backup, half: true }]
    expect(await titles(await enter((await startTaskport(env)).url, 'ada', 'login'))).toEqual([
      'first',
    ])
    expect(
      s3.log.filter(
        ({ method, key, status }) => method === 'GET' && key === backup && status === 206,
      ).length,
    ).toBeGreaterThan(1)
  })

  test('connections that bring half a backup and never the rest: it does not start, and says that it is the network', async () => {
    const s3 = await store()
    const { env } = await written(s3)
    s3.ranges = false
    s3.troubles = [
      { matches: (method, key) => method === 'GET' && key.startsWith('copies/'), half: true },
    ]
    const folder = temporaryFolder()
    expect(await refused({ ...env, DATA_DIR: folder })).toMatch(
      /the download of the backup of .* ended after \d+ of \d+ bytes, .* brought nothing: the bucket cannot be reached \(ECONNRESET\)/,
    )
    expect(readdirSync(folder)).toEqual([])
  })

  test('503 for a while: it waits, answers / and /ready, and starts then', async () => {
    const s3 = await store()
    const { env } = await written(s3)
    s3.troubles = [{ matches: () => true, status: 503, code: 'SlowDown' }]
    const asked = s3.log.length
    const PORT = String(await freePort())
    const started = runTaskport({ ...env, PORT, HOST: '127.0.0.1', DATA_DIR: temporaryFolder() })
    await until(() => s3.log.length >= asked + 3)
    expect((await fetch(`http://127.0.0.1:${PORT}/`)).status).toBe(200)
    expect((await fetch(`http://127.0.0.1:${PORT}/`, { method: 'HEAD' })).status).toBe(200)
    expect((await fetch(`http://127.0.0.1:${PORT}/ready`)).status).toBe(503)
    expect(await (await fetch(`http://127.0.0.1:${PORT}/api/v1/tasks`)).json()).toMatchObject({
      status: 503,
      code: 'unavailable',
    })
    s3.troubles = []
    await until(async () => (await fetch(`http://127.0.0.1:${PORT}/ready`)).status === 200)
    expect(started.child.exitCode).toBeNull()
    expect(await titles(await enter(`http://127.0.0.1:${PORT}`, 'ada', 'login'))).toEqual(['first'])
  })

  test('an older manifest, and backups without one', async () => {
    const s3 = await store()
    const { env } = await written(s3)
    const old = s3.objects.get('manifest.json') as Buffer
    const service = await startTaskport(env)
    const ada = await enter(service.url, 'ada', 'login')
    await ada.post('second')
    expect(await stop(service)).toBe(0)
    const backups = copiesIn(s3)
    s3.objects.set('manifest.json', old)
    expect(await refused({ ...env, DATA_DIR: temporaryFolder() })).toMatch(
      /manifest\.json is older than the backups beside it: put the newest/,
    )
    s3.objects.delete('manifest.json')
    expect(await refused({ ...env, DATA_DIR: temporaryFolder() })).toMatch(
      /there are backups, but no manifest\.json/,
    )
    expect(copiesIn(s3)).toEqual(backups)
  })

  test('a key that is not that of the backups', async () => {
    const s3 = await store()
    const { env } = await written(s3, { BACKUP_ENCRYPTION_KEY: 'a key of thirty-two characters!!' })
    expect(
      await refused({
        ...env,
        BACKUP_ENCRYPTION_KEY: 'another key of thirty-two characters',
        DATA_DIR: temporaryFolder(),
      }),
    ).toMatch(
      /manifest\.json was written with another BACKUP_ENCRYPTION_KEY, or changed by an attacker/,
    )
    expect(await refused({ ...s3.env(), DATA_DIR: temporaryFolder() })).toMatch(
      /written with a BACKUP_ENCRYPTION_KEY, and none is set: set it/,
    )
  })
})

describe('the file on this disk', () => {
  test('older than the backups: it is put aside, and the newest backup is restored', async () => {
    const s3 = await store()
    const { folder, env } = await written(s3)
    const elsewhere = await startTaskport(env)
    await (await enter(elsewhere.url, 'ada', 'login')).post('elsewhere')
    expect(await stop(elsewhere)).toBe(0)
    const service = await startTaskport({ ...env, DATA_DIR: folder })
    expect(await titles(await enter(service.url, 'ada', 'login'))).toEqual(['elsewhere', 'first'])
    expect(service.out()).toMatch(/an older database was here: it is kept beside the restored one/)
    expect(readdirSync(folder).filter((name) => name.includes('.aside-'))).toHaveLength(1)
  })

  test('of another lineage, or never backed up: it does not start, and the writer is left alone', async () => {
    const s3 = await store()
    await written(s3)
    const before = s3.objects.get('manifest.json')
    const other = temporaryFolder()
    expect(await stop(await startTaskport({ DATA_DIR: other }))).toBe(0)
    expect(await refused({ ...s3.env(), DATA_DIR: other })).toMatch(
      /the one on this disk has never been backed up: name another prefix/,
    )
    expect(await stop(await startTaskport({ DATA_DIR: other, ...s3.env('other') }))).toBe(0)
    expect(await refused({ ...s3.env(), DATA_DIR: other })).toMatch(
      /are of another database than the one on this disk/,
    )
    expect(s3.objects.get('manifest.json')).toEqual(before)
  })

  test('never copied, and nothing in the bucket: it goes on from there', async () => {
    const s3 = await store()
    const folder = temporaryFolder()
    const alone = await startTaskport({ DATA_DIR: folder })
    await (await enter(alone.url, 'ada', 'register')).post('from before')
    expect(await stop(alone)).toBe(0)
    const service = await startTaskport({ DATA_DIR: folder, ...s3.env() })
    expect(await titles(await enter(service.url, 'ada', 'login'))).toEqual(['from before'])
    await until(() => copiesIn(s3).length > 0)
  })

  test('what a restore that was killed has left is gone, whatever it was', async () => {
    const s3 = await store()
    const { env } = await written(s3)
    const folder = temporaryFolder()
    s3.troubles = [
      {
        matches: (method, key) => method === 'GET' && key.startsWith('copies/'),
        wait: new Promise(() => {}),
      },
    ]
    const asked = s3.log.length
    const started = runTaskport({ ...env, PORT: '0', HOST: '127.0.0.1', DATA_DIR: folder })
    await until(() => existsSync(join(folder, 'taskport.db.restore')) && s3.log.length > asked)
    started.child.kill('SIGKILL')
    await started.exit
    expect(existsSync(join(folder, 'taskport.db'))).toBe(false)
    writeFileSync(join(folder, 'taskport.db.restore', 'restored.db'), 'half of it')
    s3.troubles = []
    const service = await startTaskport({ ...env, DATA_DIR: folder })
    expect(await titles(await enter(service.url, 'ada', 'login'))).toEqual(['first'])
    expect(readdirSync(folder).some((name) => name.includes('restore'))).toBe(false)
  })
})

test('a disk that is lost under the backups is no reason to stop: the folder of a mounted volume', async () => {
  const folder = `${temporaryFolder()}/volume`
  const service = await startTaskport({ BACKUP_URL: `file:${folder}` })
  const ada = await enter(service.url, 'ada', 'register')
  await until(() => existsSync(join(folder, 'manifest.json')))
  rmSync(folder, { recursive: true })
  writeFileSync(folder, 'a file where the folder was')
  await ada.post('still here')
  await until(async () => (await statusOf(service.url)).backup.failures > 0)
  expect(await titles(ada)).toEqual(['still here'])
})

test('a disk without room for a backup: the service goes on and says so, and backs up once there is room', async ({
  skip,
}) => {
  const s3 = await store()
  const disk = smallDisk(24)
  if (!disk) {
    console.log(NO_SMALL_DISK)
    return skip()
  }
  // A database that leaves room to write on, and none for a snapshot of it.
  expect(await stop(await startTaskport({ DATA_DIR: disk.path }))).toBe(0)
  await addBallast(join(disk.path, 'taskport.db'), 7)
  const service = await startTaskport({ ...s3.env(), DATA_DIR: disk.path })
  const ada = await enter(service.url, 'ada', 'register')
  await ada.post('one')
  await until(async () => (await statusOf(service.url)).backup.failures > 0)
  expect((await statusOf(service.url)).durability.reason).toContain(
    'Backups of the database fail at present.',
  )
  await until(() => service.out().includes('a backup may need'))
  await ada.post('two')
  expect(copiesIn(s3)).toEqual([])
  expect(readdirSync(disk.path).filter((name) => !name.startsWith('taskport.db'))).toEqual([])

  expect(disk.grow(200)).toBe(true)
  await until(async () => (await statusOf(service.url)).backup.age_seconds !== null)
  expect(await stop(service)).toBe(0)
  const next = await startTaskport(s3.env())
  expect(await titles(await enter(next.url, 'ada', 'login'))).toEqual(['one', 'two'])
})
