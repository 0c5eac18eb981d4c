// The command that brings the tasks of another backend here, as operators run it.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import { expect, onTestFinished, test } from 'vitest'
import { onFile, sqlModel } from '../scripts/import-legacy/fixtures.ts'
import { freshDatabases } from '../support/fresh.ts'
import { run, startTaskport, temporaryFolder } from '../support/process.ts'
import { isSmall, sized, until } from '../support/size.ts'

const SECRET = 'a secret of at least thirty-two characters'
const ROWS = sized('IMPORT_ROWS', { full: 100_000, small: 300 })

const importing = async (env: Record<string, string>, ...args: readonly string[]) => {
  const started = run(process.execPath, ['scripts/import-legacy.ts', ...args], env)
  return { code: await started.exit, out: started.out(), err: started.err() }
}

const tasksOf = async (url: string, user: string, query: string) => {
  const token = await new SignJWT({ sub: user })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET))
  const headers = { Authorization: `Bearer ${token}` }
  let text = ''
  // A busy machine may start the thread that reads long lists late.
  await until(async () => {
    const response = await fetch(`${url}/api/${user}/tasks?${query}`, { headers })
    text = await response.text()
    return response.status !== 503
  })
  return JSON.parse(text) as { title: string; user_id: string }[]
}

test('a file is imported once, and stays as it is', async () => {
  const { url } = await onFile([
    'create table users (id text primary key, email text)',
    'create table tasks (id integer primary key, user_id text, title text, completed boolean, due_date datetime)',
    "insert into users values ('ada', 'ada@example.org'), ('bob', 'bob@example.org')",
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${ROWS}) insert into tasks select i, case when i % 100 = 0 then 'bob' else 'ada' end, 'task ' || i, i % 2, null from n`,
    "update tasks set due_date = 'soon' where id = 7",
    "insert into tasks values (1000000, null, 'nobody''s', 0, null)",
  ])
  const file = url.slice('sqlite:///'.length)
  const digest = () => createHash('sha256').update(readFileSync(file)).digest('hex')
  const [before, data] = [digest(), join(temporaryFolder(), 'data')]
  const env = { DATA_DIR: data, BETTER_AUTH_SECRET: SECRET, RATE_LIMIT: 'off' }
  const asked = await importing(env, '--from', url, '--dry-run')
  expect(asked).toMatchObject({ code: 0 })
  expect(existsSync(data)).toBe(false)
  const done = await importing(env, '--from', url)
  expect(done.code).toBe(0)
  expect(asked.out).toBe(
    done.out.replace(/^(.* tasks read)/m, 'a dry run, nothing was changed: $1'),
  )
  const n = new Intl.NumberFormat('en').format
  const lines = done.out.trimEnd().split('\n')
  // Lines of rows are said with their batches, in no order.
  expect(lines.slice(0, -2).toSorted()).toEqual([
    'tasks 1000000 is not imported: it belongs to no user',
    expect.stringMatching(/^tasks 7: due_date: /),
  ])
  expect(lines.slice(-2)).toEqual([
    `${n(ROWS + 1)} tasks read, ${n(ROWS)} imported, 0 here already, 1 not imported; of 1 something was changed or left out`,
    '2 accounts made, 0 users were here already',
  ])
  const again = await importing(env, '--from', url)
  expect(again.out).toContain(`, 0 imported, ${n(ROWS)} here already, 1 not imported`)
  expect(digest()).toBe(before)
  expect(readdirSync(join(file, '..'))).toEqual(['todo.db'])

  const service = await startTaskport(env)
  expect(await tasksOf(service.url, 'bob', 'limit=2&order=asc')).toMatchObject([
    { title: 'task 100', user_id: 'bob' },
    { title: 'task 200', user_id: 'bob' },
  ])
})

const { Postgres } = freshDatabases()
test.skipIf(isSmall || !Postgres)(
  'from Postgres into Postgres, while the service runs',
  async () => {
    const target = await (Postgres as NonNullable<typeof Postgres>)()
    onTestFinished(target.drop)
    const { url } = await sqlModel()
    const env = { DATABASE_URL: target.url, BETTER_AUTH_SECRET: SECRET, RATE_LIMIT: 'off' }
    const service = await startTaskport(env)
    expect(await tasksOf(service.url, 'dJ2qPz1Vw0', '')).toEqual([])
    const { code, out } = await importing(env, '--from', url)
    expect({ code, out }).toEqual({
      code: 0,
      out: expect.stringContaining(
        '3 tasks read, 3 imported, 0 here already, 0 not imported; of 1',
      ),
    })
    expect(out).toContain('1 account made, 1 user was here already')
    expect(await tasksOf(service.url, 'dJ2qPz1Vw0', 'order=asc')).toMatchObject([
      { title: 'Milk' },
      { title: 'Bread' },
    ])
    // It is no place for the service itself.
    const refused = run(process.execPath, ['src/runtimes/node.ts'], {
      DATABASE_URL: url,
      PORT: '0',
    })
    expect(await refused.exit).toBe(1)
    expect(refused.err()).toMatch(/it has the table tasks, .* npm run import:legacy -- --from/)
  },
)

test.skipIf(isSmall)('what cannot be read is refused in a line, and nothing is made', async () => {
  const folder = temporaryFolder()
  const env = { DATA_DIR: join(folder, 'data') }
  const { url } = await onFile(['create table todos (id integer primary key, text varchar)'])
  for (const [args, code, said] of [
    [
      ['--from', `file:${folder}/none.db`],
      1,
      `--from names ${folder}/none.db, which does not exist`,
    ],
    [
      ['--from', url],
      1,
      '--from cannot be read: the table todos lacks the column title and user_id',
    ],
    [
      ['--from', 'postgres://me:hunter2@127.0.0.1:1/x'],
      1,
      '--from leads to postgres at 127.0.0.1:1',
    ],
    [['--from', 'mongodb://me:hunter2@x/y'], 1, '--from names a mongodb database'],
    [
      ['--from', url, '--users', 'all'],
      2,
      '--users takes email, secret, secret-email, jwks, jwks-email',
    ],
    [[], 2, '--from needs the URL of a database'],
  ] as const) {
    const ended = await importing(env, ...args)
    expect(ended).toMatchObject({
      code,
      out: '',
      err: expect.stringContaining(`taskport: ${said}`),
    })
    expect(ended.err).not.toContain('hunter2')
  }
  expect(readdirSync(folder)).toEqual([])
})
