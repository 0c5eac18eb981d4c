import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { openFile } from '../../../src/db/open/file.ts'
import { setMark } from '../../../src/db/transfer/mark.ts'
import { readMigrations } from '../../../src/runtimes/node/migrations.ts'
import {
  bundleOf,
  run,
  runTaskport,
  startTaskport,
  temporaryFolder,
} from '../../support/process.ts'
import { freePort } from '../../support/servers/process.ts'
import { until } from '../../support/size.ts'

const refused = async (env: Record<string, string>): Promise<string> => {
  const started = runTaskport({ PORT: '0', HOST: '127.0.0.1', ...env })
  expect(await started.exit).toBe(1)
  expect(started.err()).toMatch(/^taskport: [^\n]+\n$/)
  const reason = started.err().slice('taskport: '.length, -1)
  expect(JSON.parse(started.out()), 'the log is one line').toMatchObject({
    message: 'the process ends',
    code: 1,
    reason,
  })
  return started.err()
}

describe('DATABASE_URL', () => {
  test.each([
    [
      "psql 'postgresql://me:hunter2@db.example.org/tasks'",
      'looks like a psql command: paste only the URL inside the quotes',
    ],
    ['postgres://me:hunter2@db.example.org', 'names no database behind the host'],
    [
      'postgres://me:hunter2@127.0.0.1:1/x',
      'leads to postgres at 127.0.0.1:1, which cannot be reached (ECONNREFUSED): start that server',
    ],
    [
      'mysql://me:hunter2@127.0.0.1:1/x',
      'leads to mysql at 127.0.0.1:1, which cannot be reached (ECONNREFUSED): start that server',
    ],
    [
      'libsql://127.0.0.1:2?authToken=hunter2',
      'leads to libSQL at 127.0.0.1:2, which cannot be reached (ECONNREFUSED): start that server',
    ],
    [
      'libsql://me:hunter2@db.example.org',
      'has a user name or a password, which libSQL servers do not take',
    ],
    [
      'postgres://me:hunter2@x/tasks?sslmode=hunter2',
      'has a parameter sslmode with a value that is not known: write one of disable',
    ],
    [
      'postgres://me:hunter2@x/tasks?sslrootcert=/no/hunter2',
      'names a certificate file that cannot be read (ENOENT)',
    ],
    ['mongodb://me:hunter2@x', 'names a mongodb database, which is not supported'],
    ['postgres//me:hunter2@x', 'misses the colon after postgres'],
    [
      'file:/no/such/dir/x.db',
      'names a file in /no/such/dir, which does not exist: create that folder, or correct the path',
    ],
  ])('%s: exit code 1 and one line, without the password', async (url, reason) => {
    const folder = temporaryFolder()
    const line = await refused({ DATABASE_URL: url, DATA_DIR: folder })
    expect(line).toContain(`DATABASE_URL ${reason}`)
    expect(line).not.toContain('hunter2')
    expect(existsSync(join(folder, 'taskport.db'))).toBe(false)
  })

  test('a file that is no database, and a folder, are refused', async () => {
    const folder = temporaryFolder()
    writeFileSync(
      join(folder, 'x.db'),
      'This is a letter, and not a database, as anybody can see.'.repeat(100),
    )
    expect(await refused({ DATABASE_URL: `file:${folder}/x.db` })).toContain(
      'cannot be used as the database (SQLITE_NOTADB)',
    )
    mkdirSync(join(folder, 'y.db'))
    expect(await refused({ DATABASE_URL: `file:${folder}/y.db` })).toContain('which is a folder')
    mkdirSync(join(folder, 'taskport.db'))
    expect(await refused({ DATA_DIR: folder })).toContain(
      'cannot be used as the database (SQLITE_CANTOPEN)',
    )
  })

  test('blank means the embedded file; file: and sqlite:// are other files', async () => {
    const folder = temporaryFolder()
    const blank = await startTaskport({ DATABASE_URL: '  ', DATA_DIR: folder })
    expect((await fetch(`${blank.url}/ready`)).status).toBe(200)
    expect(existsSync(join(folder, 'taskport.db'))).toBe(true)
    await startTaskport({ DATABASE_URL: `file:${folder}/a.db` })
    expect(existsSync(join(folder, 'a.db'))).toBe(true)
    await startTaskport({ DATABASE_URL: `sqlite:///${folder}/b.db` })
    expect(existsSync(join(folder, 'b.db'))).toBe(true)
  })
})

test('DATABASE_REPLICA refuses the start, makes no file, and says what to use instead', async () => {
  const folder = temporaryFolder()
  const line = await refused({
    DATABASE_URL: 'libsql://127.0.0.1:1',
    DATABASE_REPLICA: `file:${folder}/hunter2.db`,
    DATA_DIR: folder,
  })
  expect(line).toMatch(
    /^taskport: DATABASE_REPLICA is not supported any more, .*: remove it, and set DATABASE_URL to the libSQL server, .*BACKUP_URL/,
  )
  expect(line).not.toContain('hunter2')
  expect(readdirSync(folder)).toEqual([])
  expect(
    (await fetch(`${(await startTaskport({ DATABASE_REPLICA: ' ' })).url}/ready`)).status,
  ).toBe(200)
})

describe('MIGRATE', () => {
  const ready = async (url: string): Promise<boolean> =>
    (await fetch(`${url}/ready`)).status === 200

  test('check names what is missing; off serves 503 until it is there', async () => {
    const DATABASE_URL = `file:${temporaryFolder()}/x.db`
    expect(await refused({ DATABASE_URL, MIGRATE: 'check' })).toMatch(
      /MIGRATE is check, and the database lacks 0000_\w+.*: run npm run db:migrate, or set MIGRATE to auto/,
    )
    const { url } = await startTaskport({ DATABASE_URL, MIGRATE: 'off' })
    expect(await ready(url)).toBe(false)
    expect((await fetch(`${url}/health`)).status).toBe(200)
    const answer = await fetch(`${url}/api/v1/tasks`)
    expect(answer.status).toBe(503)
    expect(answer.headers.get('Retry-After')).toBe('2')
    expect(await answer.json()).toMatchObject({
      code: 'unavailable',
      detail: 'The database has not been migrated to this version yet.',
    })

    const migrate = run(process.execPath, [bundleOf('db:migrate')], { DATABASE_URL })
    expect(await migrate.exit).toBe(0)
    expect(migrate.out()).toMatch(/^applied: 0000_/)
    await until(() => ready(url))
    expect((await fetch(`${url}/api/v1/tasks`)).status).toBe(401)
    const again = run(process.execPath, [bundleOf('db:migrate')], { DATABASE_URL })
    expect(await again.exit).toBe(0)
    expect(again.out()).toBe('nothing was missing\n')
    expect(await ready((await startTaskport({ DATABASE_URL, MIGRATE: 'check' })).url)).toBe(true)
  })

  test.each(['auto', 'check', 'off'])(
    '%s refuses a database that a newer version has migrated',
    async (MIGRATE) => {
      const path = join(temporaryFolder(), 'x.db')
      const db = openFile(path)
      await db.migrate([
        ...readMigrations('sqlite'),
        { tag: '9999_future', statements: ['create table future (id integer)'] },
      ])
      await db.close()
      expect(await refused({ DATABASE_URL: `file:${path}`, MIGRATE })).toContain(
        'was migrated by a newer version of Taskport (9999_future); run that version, or restore a backup made before it',
      )
    },
  )
})

test('every variable that does not fit has its line', async () => {
  const started = runTaskport({
    PORT: 'eighty',
    METRICS_TOKEN: 'hunter2',
    DATA_DIR: temporaryFolder(),
  })
  expect(await started.exit).toBe(1)
  expect(started.err().trimEnd().split('\n')).toEqual([
    'taskport: PORT is not a whole number from 0 to 65535: correct it, or remove it (default: 7860)',
    'taskport: METRICS_TOKEN is shorter than 16 characters: correct it, or remove it (default: not set)',
  ])
})

test.each([
  [
    { DATA_DIR: '/etc/passwd' },
    'DATA_DIR /etc/passwd is a file, not a folder: set DATA_DIR to the folder of the database',
  ],
  [{ PUBLIC_URL: 'localhost' }, 'PUBLIC_URL is not a URL such as https://'],
])('%j is refused', async (env, reason) => {
  expect(await refused(env)).toContain(reason)
})

test('a Node that is too old is refused in one line, before anything that it lacks is used', async () => {
  const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.10.0' } })`
  const started = run(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(older)}`, 'src/runtimes/node.ts'],
    {
      DATA_DIR: join(temporaryFolder(), 'data'),
    },
  )
  expect(await started.exit).toBe(1)
  expect(started.err()).toMatch(
    /^taskport: Node 20\.10\.0 is too old, it takes 20\.11 or newer[^\n]*\n$/,
  )
})

test('whoever runs it is told which file the data is in, and nobody else is', async () => {
  const folder = temporaryFolder()
  const { url, out, err, child, exit } = await startTaskport({ DATA_DIR: folder })
  expect(err()).toContain(`The file is ${folder}/taskport.db.`)
  for (const path of ['/', '/status', '/ready'])
    expect(await (await fetch(`${url}${path}`)).text(), path).not.toContain(folder)
  child.kill('SIGTERM')
  await exit
  expect(out()).toContain(`"file":"${folder}/taskport.db"`)
})

describe('what is refused changes nothing', () => {
  /**
   * What is in each file but the log's index. That, and an empty log, stay until the driver's
   * connection is collected.
   */
  const bytesIn = (folder: string) =>
    readdirSync(folder)
      .filter((name) => !name.endsWith('-shm') && statSync(join(folder, name)).size > 0)
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(join(folder, name)))
          .digest('hex'),
      ])
  /** A folder with a database that lacks the last migration. */
  const olderDatabase = async (prepare?: (db: Database) => Promise<void>): Promise<string> => {
    const folder = temporaryFolder()
    const db = openFile(join(folder, 'taskport.db'))
    await db.migrate(readMigrations('sqlite').slice(0, -1))
    await prepare?.(db)
    await db.close()
    return folder
  }

  test.each(['1', '2'])(
    'a port that is taken, WORKERS=%s: one line, no file where there was none, the old tables where there was one',
    async (WORKERS) => {
      const other = createServer().listen(0, '127.0.0.1')
      await once(other, 'listening')
      const PORT = String((other.address() as AddressInfo).port)
      for (const folder of [temporaryFolder(), await olderDatabase()]) {
        const before = bytesIn(folder)
        expect(await refused({ PORT, WORKERS, DATA_DIR: folder })).toContain(
          `PORT ${PORT} is taken by another process`,
        )
        expect(bytesIn(folder)).toEqual(before)
      }
      other.close()
    },
  )

  test('a copy that was not finished keeps its old tables', async () => {
    const folder = await olderDatabase((db) => setMark(db, 'of another database'))
    expect(await refused({ DATA_DIR: folder })).toContain('a copy that is not finished')
    const db = openFile(join(folder, 'taskport.db'))
    expect(await db.migrated()).toHaveLength(readMigrations('sqlite').length - 1)
    await db.close()
  })
})

test('while a service starts, it says so: healthy, not ready', async () => {
  // A server that takes connections and says nothing: the start waits for it.
  const silent = createTcpServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const port = await freePort()
  const DATABASE_URL = `postgres://me@127.0.0.1:${(silent.address() as AddressInfo).port}/x`
  runTaskport({ PORT: String(port), HOST: '127.0.0.1', DATABASE_URL })
  const url = `http://127.0.0.1:${port}`
  await until(() =>
    fetch(`${url}/health`).then(
      (answer) => answer.ok,
      () => false,
    ),
  )
  expect((await fetch(`${url}/ready`)).status).toBe(503)
  const answer = await fetch(`${url}/api/v1/tasks`)
  expect([answer.status, await answer.json()]).toMatchObject([
    503,
    { code: 'unavailable', detail: 'The service is starting.' },
  ])
  silent.close()
})

test('a copy that was not finished is not served', async () => {
  const folder = temporaryFolder()
  const db = openFile(join(folder, 'taskport.db'))
  await db.migrate(readMigrations('sqlite'))
  await setMark(db, 'of some source')
  await db.close()
  const { exit, err } = runTaskport({ DATA_DIR: folder, PORT: '0' })
  expect(await exit).toBe(1)
  expect(err()).toMatch(/not finished: run npm run db:copy again/)
})
