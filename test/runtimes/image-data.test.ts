import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { enter } from '../soak/person.ts'
import { find } from '../support/image/base.ts'
import { built, IMAGE } from '../support/image/built.ts'
import { startContainer } from '../support/image/container.ts'
import type { Engine } from '../support/image/engine.ts'
import { folderOf, volume } from '../support/image/folders.ts'
import { temporaryFolder } from '../support/process.ts'

const { absent, engine } = { absent: undefined, engine: undefined as unknown as Engine, ...built }
if (absent) console.log(`absent, so the suite of the image's data folder was skipped: ${absent}`)
const [bindfs, umount] = [find('bindfs'), find('umount')]
const fuse = bindfs && umount && existsSync('/dev/fuse') && process.getuid?.() === 0
if (!absent && !fuse) console.log('absent, so a data folder on FUSE was skipped: install bindfs')

const env = { PORT: '0', RATE_LIMIT: 'off' }
/** The same image without /data. */
const WITHOUT_DATA = `${IMAGE}-without-data`

describe.skipIf(absent)('the data folder of the image', () => {
  test.each([
    ['absent', WITHOUT_DATA, () => []],
    ['read-only', IMAGE, () => volume(folderOf(1000), '/data', 'ro')],
    ["root's", IMAGE, () => volume(folderOf(0, 0o755), '/data')],
    ["root's alone", IMAGE, () => volume(folderOf(0, 0o700), '/data')],
  ])('%s: a temporary one, and that is said everywhere', async (_how, image, options) => {
    if (image === WITHOUT_DATA) await buildWithoutData()
    const { url, err, exec } = await startContainer(engine, { image, env, options: options() })
    const reason = 'No data folder can be written to, so the data is in a temporary folder.'
    await (await enter(url, 'ada', 'register')).post('Kept for now')
    expect(await (await fetch(`${url}/status`)).json()).toMatchObject({
      durability: { kind: 'ephemeral', reason: expect.stringContaining(reason) },
    })
    expect(await (await fetch(url, { headers: { Accept: 'text/html' } })).text()).toContain(reason)
    expect(err()).toContain(reason)
    expect((await exec(['ls', '/tmp/taskport'])).out).toContain('taskport.db')
  })

  test('there and writable: kept, and named as such', async () => {
    const options = volume(folderOf(1000), '/data')
    const { url, stop } = await startContainer(engine, { image: IMAGE, env, options })
    await enter(url, 'ada', 'register')
    expect(await (await fetch(`${url}/status`)).json()).toMatchObject({
      durability: { kind: 'durable' },
    })
    expect(await stop()).toBe(0)
    const again = await startContainer(engine, { image: IMAGE, env, options })
    await enter(again.url, 'ada', 'login')
  })

  test('two that hold a database, one that cannot be written to: refused, and nothing is made', async () => {
    const [data, other] = [folderOf(1000), folderOf(1000)]
    for (const folder of [data, other]) writeFileSync(join(folder, 'taskport.db'), '')
    expect(await refused([...volume(data, '/data'), ...volume(other, '/app/data')])).toBe(
      'taskport: DATA_DIR is not set and /data and ./data each hold a taskport.db: set DATA_DIR to the one that counts\n',
    )
    expect(await refused(volume(data, '/data', 'ro'))).toMatch(
      /^taskport: DATA_DIR is not set and the data folder \/data cannot be written to \(EROFS\): let user 1000 write there, or set DATA_DIR to another folder\n$/,
    )
  })

  test.skipIf(!fuse)('on FUSE: refused, and nothing is made', async () => {
    const [folder, mounted] = [folderOf(1000), mount()]
    execFileSync(bindfs as string, ['-o', 'allow_other', folder, mounted])
    const refusal =
      /^taskport: DATA_DIR leads to \/data, which is on a network or mounted file system \(FUSE\) that corrupts live databases: set DATA_DIR to a folder on a local disk, and keep backups here with BACKUP_URL=file:\/data\n$/
    expect(await refused(volume(mounted, '/data'))).toMatch(refusal)
    expect(await refused([...volume(mounted, '/data'), '--env', 'DATA_DIR=/data'])).toMatch(refusal)
    expect(
      await refused([...volume(mounted, '/data'), '--env', 'DATABASE_URL=file:/data/x.db']),
    ).toMatch(/^taskport: DATABASE_URL leads to /)
    expect(execFileSync('ls', ['-A', folder], { encoding: 'utf8' })).toBe('')
  })

  test('too full for a new database: refused, with the remedy', async () => {
    expect(await refused(['--tmpfs', '/data:size=64k'])).toBe(
      'taskport: DATA_DIR leads to /data/taskport.db, which cannot be used as the database (SQLITE_FULL): make room on that disk, or set DATA_DIR to another place\n',
    )
  })

  test('full: writes are 507, reads go on, and with room again nothing acknowledged is missing', async () => {
    const container = await startContainer(engine, {
      image: IMAGE,
      env,
      options: ['--tmpfs', '/data:size=6m'],
    })
    const { url, exec, stop } = container
    const person = await enter(url, 'ada', 'register')
    const titles = ['The first']
    const { body: first } = await person.post('The first')
    const token = await tokenOf(url)
    const ask = (method: string, path: string, body?: object) =>
      fetch(`${url}${path}`, {
        method,
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      })
    // Little by little, so that it runs full in the middle of things.
    await exec(['sh', '-c', 'head -c 3m /dev/zero > /data/filling'])
    const write = async (i: number) => {
      const title = `Task ${i}`
      const answer = await ask('POST', '/api/v1/tasks', { title, description: 'x'.repeat(12_000) })
      if (answer.status === 201) titles.push(title)
      return answer
    }
    let refused: Response | undefined
    for (let i = 0; refused === undefined; i += 5) {
      const answers = await Promise.all([0, 1, 2, 3, 4].map((k) => write(i + k)))
      expect(answers.filter(({ status }) => status !== 201 && status !== 507)).toEqual([])
      refused = answers.find(({ status }) => status === 507)
    }
    expect(refused.headers.get('Retry-After')).toBeNull()
    expect(await refused.json()).toMatchObject({ code: 'storage_full' })
    expect(titles.length).toBeGreaterThan(10)

    await exec(['sh', '-c', 'cat /dev/zero > /data/filling-more'])
    // What is left of the write-ahead log may still take some; then nothing.
    while ((await write(titles.length + 1_000)).status === 201);
    const description = 'y'.repeat(16_000)
    expect((await ask('POST', '/api/v1/tasks', { title: 'No room', description })).status).toBe(507)
    expect(
      (await ask('PATCH', `/api/v1/tasks/${first.id}`, { title: 'No room', description })).status,
    ).toBe(507)
    for (const path of [
      '/api/v1/tasks',
      `/api/v1/tasks/${first.id}`,
      '/api/v1/me',
      '/ready',
      '/health',
    ])
      expect([path, (await ask('GET', path)).status]).toEqual([path, 200])

    await exec(['sh', '-c', 'rm /data/filling*'])
    expect((await write(-1)).status).toBe(201)
    expect((await person.tasks()).map(({ title }) => title).sort()).toEqual(titles.sort())
    expect(await stop()).toBe(0)
  })
})

/** What a start with these options says; it has to end with 1. */
const refused = async (options: readonly string[]): Promise<string> => {
  const ended = await startContainer(engine, { image: IMAGE, env, options }).then(
    ({ url }) => `it started at ${url}`,
    ({ message }: Error) => message,
  )
  expect(ended).toMatch(/^it ended with 1: /)
  return ended.replace('it ended with 1: ', '')
}

const tokenOf = async (url: string): Promise<string> => {
  const body = JSON.stringify({ email: 'ada@example.org', password: 'a heron on the pier' })
  const answer = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  })
  return ((await answer.json()) as { access_token: string }).access_token
}

const buildWithoutData = async (): Promise<void> => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'Dockerfile'), `FROM ${IMAGE}\nUSER 0\nRUN rmdir /data\nUSER 1000\n`)
  await engine.build(folder, WITHOUT_DATA)
}

/** A folder to mount something on, unmounted behind the test. */
const mount = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-mount-'))
  onTestFinished(() => {
    execFileSync(umount as string, [folder])
    rmSync(folder, { recursive: true })
  })
  return folder
}
