// Servers whose disk fills, at full size only: what they say becomes 507, and with room again the
// service goes on.
import { randomBytes } from 'node:crypto'
import { appendFileSync, chownSync, mkdirSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { expect, onTestFinished, test } from 'vitest'
import { clientsOf } from '../support/client.ts'
import { startTaskport } from '../support/process.ts'
import { libsqlIsAbsent, startLibsql } from '../support/servers/libsql.ts'
import { startMySql } from '../support/servers/mysql.ts'
import { startPostgres } from '../support/servers/postgres.ts'
import { type Absent, type Server, user } from '../support/servers/process.ts'
import { isSmall, until } from '../support/size.ts'
import { NO_SMALL_DISK, smallDisk } from '../support/small-disk.ts'

/** The server's temporary folders are on this disk. */
const startOn = async (
  path: string,
  start: () => Promise<Server | Absent>,
): Promise<Server | Absent> => {
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = path
  try {
    return await start()
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}
/**
 * Postgres stops altogether when its own log has no room, and the service answers 503 then: so only
 * the database is on the disk.
 */
const postgresOn = async (path: string): Promise<Server> => {
  const { url, stop } = await startPostgres()
  const folder = join(path, 'tables')
  mkdirSync(folder)
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid)
  const admin = postgres(url, { max: 1 })
  await until(() =>
    admin`select 1`.then(
      () => true,
      () => false, // it accepts connections before it can serve them
    ),
  )
  await admin.unsafe(`create tablespace small location '${folder}'`)
  await admin.unsafe('create database small tablespace small')
  await admin.end()
  return { url: Object.assign(new URL(url), { pathname: '/small' }).href, stop }
}

type StartOn = (path: string) => Promise<Server | Absent>
/**
 * What is answered when the disk is full. A libSQL server may call it an I/O error, which it also
 * says of a broken disk.
 */
const servers: [string, number, StartOn, answer: RegExp][] = [
  ['Postgres', 64, postgresOn, /^507 storage_full$/],
  ['MariaDB', 400, (path) => startOn(path, startMySql), /^507 storage_full$/],
  ['libSQL server', 48, async (path) => libsqlIsAbsent ?? startOn(path, startLibsql), /^50[37] /],
]
/** What is left for what the test writes. */
const LEFT = 6 * 2 ** 20

test.skipIf(isSmall).each(servers)('%s', async (name, megabytes, startOnDisk, answer) => {
  const disk = smallDisk(megabytes)
  if (!disk) return console.log(NO_SMALL_DISK)
  const server = await startOnDisk(disk.path)
  if ('absent' in server)
    return console.log(`absent, so its full disk was skipped: ${server.absent}`)
  onTestFinished(() => server.stop())
  const env = { DATABASE_URL: server.url, RATE_LIMIT: 'off', LOG_LEVEL: 'warning' }
  const service = await startTaskport(env)
  const { anonymous, register } = clientsOf((path, init) => fetch(`${service.url}${path}`, init))
  const ann = await register('ann')
  const ballast = join(disk.path, 'ballast')
  const free = () => statfsSync(disk.path).bavail * statfsSync(disk.path).bsize
  const take = (left: number) => {
    while (free() > left) appendFileSync(ballast, Buffer.alloc(Math.min(2 ** 20, free() - left)))
  }
  take(LEFT)
  const titles: string[] = []
  const create = async (title: string): Promise<string> => {
    const { status, body } = await ann.post('/api/v1/tasks', {
      title,
      description: randomBytes(9_000).toString('base64'),
    })
    if (status === 201) titles.push(title)
    return `${status} ${body.code ?? ''}`
  }
  let last = ''
  for (let i = 0; !answer.test(last); i++) last = await create(`${i}`)
  console.log(`${name}: ${titles.length} tasks until its disk was full`)
  expect((await ann.get('/api/v1/tasks?limit=1')).status).toBe(200)
  const isFull = last.startsWith('507')
  expect((await anonymous.get('/ready')).body).toEqual({
    status: 'ready',
    ...(isFull && { storage: 'full' }),
  })
  rmSync(ballast)
  await until(async () => (await create('after')).startsWith('201'))
  expect((await anonymous.get('/ready')).body).toEqual({ status: 'ready' })
  const found: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: any = (await ann.get(`/api/v1/tasks?limit=200${cursor && `&cursor=${cursor}`}`))
      .body
    found.push(...page.items.map(({ title }: { title: string }) => title))
    cursor = page.next_cursor
  }
  expect(new Set(found)).toEqual(new Set(titles))
  service.child.kill('SIGTERM')
  expect(await service.exit).toBe(0)
  expect(service.out().match(/the storage is full/g) ?? []).toHaveLength(isFull ? 1 : 0)
})
