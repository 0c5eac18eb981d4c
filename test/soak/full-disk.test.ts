// A disk that fills, with real processes on a small file system: until only the reserve is left,
// and then to its last byte.
import { once } from 'node:events'
import { appendFileSync, readFileSync, rmSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Answer, clientsOf, type User } from '../support/client.ts'
import { type Run, run, runTaskport, startTaskport } from '../support/process.ts'
import { isSmall, sized, until } from '../support/size.ts'
import { NO_SMALL_DISK, smallDisk } from '../support/small-disk.ts'
import { faultsOf } from './file.ts'

const MEGABYTES = sized('DISK', { full: 96, small: 8 })
const LINE = { full: 'the storage is full', over: 'the storage has room again' }

const at = (url: string) => clientsOf((path, init) => fetch(`${url}${path}`, init))
/** Creates until one is refused; answers the titles of what was created, and the refusal. */
const fill = async (user: User): Promise<{ titles: string[]; refused: Answer }> => {
  const titles: string[] = []
  for (;;) {
    const made = await Promise.all(
      [1, 2, 3, 4].map(async (i) => {
        const title = `${user.email} ${titles.length + i}`
        return {
          title,
          answer: await user.post('/api/v1/tasks', { title, description: 'x'.repeat(8_000) }),
        }
      }),
    )
    for (const { title, answer } of made) if (answer.status === 201) titles.push(title)
    const refused = made.find(({ answer }) => answer.status !== 201)?.answer
    if (refused) return { titles, refused }
  }
}
const titlesOf = async (user: User): Promise<string[]> => {
  const titles: string[] = []
  for (let cursor = ''; ; ) {
    const { body } = await user.get(`/api/v1/tasks?limit=200${cursor && `&cursor=${cursor}`}`)
    titles.push(...body.items.map(({ title }: { title: string }) => title))
    if (body.next_cursor === null) return titles
    cursor = body.next_cursor
  }
}
const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status)
const stop = async ({ child, exit }: Run): Promise<number | null> => {
  child.kill('SIGTERM')
  return exit
}
const count = (text: string, line: string) => text.split(line).length - 1

// In a small run once.
test.each(isSmall ? [2] : [1, 2])(
  'until the reserve is left, WORKERS=%s: growth is refused, and what makes room goes on until there is room',
  async (workers) => {
    const disk = smallDisk(MEGABYTES)
    if (!disk) return console.log(NO_SMALL_DISK)
    const env = {
      DATA_DIR: disk.path,
      RATE_LIMIT: 'off',
      LOG_LEVEL: 'warning',
      WORKERS: String(workers),
    }
    const service = await startTaskport(env)
    const { anonymous, client, register } = at(service.url)
    const [ann, bob] = [await register('ann'), await register('bob')]
    const kept = (await bob.post('/api/v1/tasks', { title: 'kept' })).body
    const { titles, refused } = await fill(ann)
    expect(refused).toMatchObject({ status: 507, body: { code: 'storage_full' } })

    const { body: again } = await anonymous.post('/api/v1/auth/login', {
      email: ann.email,
      password: ann.password,
    })
    for (let i = 0; i < sized('SIGN_INS', { full: 20, small: 3 }); i++) {
      const signedIn = await anonymous.post('/api/v1/auth/login', {
        email: bob.email,
        password: bob.password,
      })
      const refreshed = await anonymous.post('/api/v1/auth/refresh', {
        refresh_token: signedIn.body.refresh_token,
      })
      const own = client(refreshed.body.access_token)
      const went = [
        signedIn,
        refreshed,
        await own.post(`/api/v1/tasks/${kept.id}/${i % 2 === 0 ? 'complete' : 'reopen'}`),
      ]
      expect(
        statuses([...went, await own.get('/api/v1/tasks'), await own.post('/api/v1/auth/logout')]),
      ).toEqual([200, 200, 200, 200, 204])
    }
    expect((await bob.post('/api/v1/tasks', { title: 'new' })).status).toBe(507)
    expect((await anonymous.get('/ready')).body).toEqual({ status: 'ready', storage: 'full' })
    expect((await anonymous.get('/status')).body.storage.state).toBe('full')

    expect(await titlesOf({ ...ann, ...client(again.access_token) })).toHaveLength(titles.length)
    expect((await ann.send('DELETE', '/api/v1/me', { password: ann.password })).status).toBe(204)
    await until(async () => (await bob.post('/api/v1/tasks', { title: 'new' })).status === 201)
    expect((await anonymous.get('/status')).body.storage.state).toBe('ok')
    expect((await fill(bob)).refused.status).toBe(507)
    expect(await stop(service)).toBe(0)
    expect([count(service.out(), LINE.full), service.err().split('\n').length]).toEqual([2, 2])
    expect(await faultsOf(join(disk.path, 'taskport.db'))).toEqual([])
  },
)

test('to the last byte, the log on the same disk: nothing is half written, the process goes on, and ends with 0', async () => {
  const disk = smallDisk(MEGABYTES)
  if (!disk) return console.log(NO_SMALL_DISK)
  const [log, ballast] = ['log', 'ballast'].map((name) => join(disk.path, name)) as [string, string]
  const env = { DATA_DIR: disk.path, RATE_LIMIT: 'off', PORT: '0', HOST: '127.0.0.1' }
  const service = run('sh', ['-c', `exec ${process.execPath} src/runtimes/node.ts >> ${log}`], env)
  let url: string | undefined
  while (url === undefined) {
    await once(service.child.stderr as NodeJS.ReadableStream, 'data')
    url = / is at (http:\/\/[^ ]+?)\. /.exec(service.err())?.[1]
  }
  const { anonymous, register } = at(url)
  const ann = await register('ann')
  const task = (await ann.post('/api/v1/tasks', { title: 'first', description: 'd' })).body
  const titles = ['first']
  /** Takes all that there is, as another program might. */
  const takeAll = () => {
    for (const size of [2 ** 20, 2 ** 12, 1])
      for (;;)
        try {
          appendFileSync(ballast, Buffer.alloc(size))
        } catch {
          break
        }
  }
  for (let round = 0; round < sized('ROUNDS', { full: 10, small: 2 }); round++) {
    takeAll()
    expect(statfsSync(disk.path).bavail).toBe(0)
    const asked = Array.from({ length: 12 }, async (_, i) => {
      const title = `round ${round} ${i}`
      const { status } = await ann.post('/api/v1/tasks', { title, description: 'x'.repeat(12_000) })
      if (status === 201) titles.push(title)
      return status
    })
    const others = [
      ann.patch(`/api/v1/tasks/${task.id}`, { description: 'y'.repeat(16_000) }),
      ann.delete(`/api/v1/tasks/${task.id}`),
    ]
    expect(new Set(await Promise.all(asked))).toEqual(new Set([507]))
    for (const status of statuses(await Promise.all(others)))
      expect([200, 204, 404, 409, 507]).toContain(status)
    await ann.post(`/api/v1/tasks/${task.id}/restore`)
    const reads = [
      '/api/v1/tasks',
      `/api/v1/tasks/${task.id}`,
      '/api/v1/me',
      '/ready',
      '/status',
      '/health',
    ]
    expect(
      statuses(await Promise.all(reads.map((path) => anonymous.get(path, ann.headers)))),
    ).toEqual(reads.map(() => 200))
    rmSync(ballast)
    await until(async () => (await ann.post(`/api/v1/tasks/${task.id}/restore`)).status !== 507)
    expect((await ann.post('/api/v1/tasks', { title: `after ${round}` })).status).toBe(201)
    titles.push(`after ${round}`)
  }
  expect((await titlesOf(ann)).sort()).toEqual(titles.sort())
  takeAll()
  expect(await stop(service)).toBe(0)
  expect(service.err().split('\n'), 'no stack').toHaveLength(2)

  // What could not be brought into the file is beside it, and is read from there.
  const next = await startTaskport(env)
  expect((await at(next.url).anonymous.get('/ready')).body).toEqual({
    status: 'ready',
    storage: 'full',
  })
  rmSync(ballast)
  const { body } = await at(next.url).anonymous.post('/api/v1/auth/login', {
    email: ann.email,
    password: ann.password,
  })
  expect((await titlesOf({ ...ann, ...at(next.url).client(body.access_token) })).sort()).toEqual(
    titles,
  )
  expect(await stop(next)).toBe(0)
  expect(readFileSync(log, 'utf8')).toContain(LINE.over)

  // A start on a full disk that has nothing of an earlier run to write into.
  for (const suffix of ['-wal', '-shm'])
    rmSync(join(disk.path, `taskport.db${suffix}`), { force: true })
  takeAll()
  const refused = runTaskport(env)
  expect(await refused.exit).toBe(1)
  expect(refused.err()).toMatch(
    /^taskport: DATA_DIR leads to [^\n]+: make room on that disk, or set DATA_DIR to another place\n$/,
  )
  rmSync(ballast)
  expect(await faultsOf(join(disk.path, 'taskport.db'))).toEqual([])
})
