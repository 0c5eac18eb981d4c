// What a user may store is bounded in bytes: the counter says what the rows take, whatever was
// done, in whatever order.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pick, randomOf } from '../../bench/data/random.ts'
import { recountBytes, utf8Length } from '../../src/core/stored-bytes.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { type Chunked, openChunked, ROWS } from '../support/chunks.ts'
import type { Answer } from '../support/client.ts'
import { everyItem } from '../support/crowd.ts'
import { describeEachDatabase } from '../support/databases.ts'
import { maintainFor } from '../support/maintenance.ts'
import { seedFrom, sized } from '../support/size.ts'
import { createWorld, type User, type World } from '../support/world.ts'

const DAY = 24 * 60 * 60 * 1000
/**
 * In bytes of UTF-8 one, two, three and four a character; with what JSON escapes, and what folding
 * makes longer or shorter.
 */
const LETTERS = ['a', 'B', ' ', '"', '\\', 'ß', 'é', 'İ', '€', 'ﬃ', '㍿', '한', '😀', '/']
const LINK = 72

const size = (text: unknown): number => Buffer.byteLength(text as string)
const listed = (labels: unknown): string[] =>
  typeof labels === 'string' ? JSON.parse(labels) : ((labels as string[] | null) ?? [])

test('the length of a text in UTF-8 is what encoding it would give', () => {
  const random = randomOf(seedFrom('BYTES_SEED'))
  for (let i = 0; i < 500; i++) {
    const text = Array.from({ length: i % 50 }, () => pick(random, LETTERS)).join('')
    expect(utf8Length(text), JSON.stringify(text)).toBe(size(text))
  }
  for (const letter of LETTERS)
    expect(utf8Length(letter.repeat(50_000))).toBe(size(letter) * 50_000)
})

describeEachDatabase('stored bytes', (open) => {
  let chunked: Chunked
  let world: World
  beforeAll(async () => {
    chunked = await openChunked(open)
    world = chunked.world
  })
  afterAll(() => chunked.close())

  /** What the rows take, worked out here and not by the database. */
  const taken = async ({ id }: { id: string }): Promise<number> => {
    const [tasks, projects, labels, receipts] = await Promise.all([
      chunked.rows(
        `select title, title_key, description, haystack, labels from tasks where owner_id = '${id}'`,
      ),
      chunked.rows(`select name from projects where owner_id = '${id}'`),
      chunked.rows(`select name from labels where owner_id = '${id}'`),
      chunked.rows(`select body from receipts where user_id = '${id}'`),
    ])
    const sizes = [
      ...tasks.flatMap(({ labels: names, ...texts }) => [
        ...Object.values(texts).map(size),
        ...listed(names).map((name) => size(name) + LINK),
      ]),
      ...[...projects, ...labels].map(({ name }) => size(name)),
      ...receipts.map(({ body }) => size(body)),
    ]
    return sizes.reduce((sum, bytes) => sum + bytes, 0)
  }
  const counted = async ({ id }: { id: string }): Promise<number> =>
    Number((await chunked.rows(`select bytes from users where id = '${id}'`))[0]?.['bytes'])
  const expectExact = async (user: { id: string }, after: string) =>
    expect(await counted(user), after).toBe(await taken(user))
  const run = () => maintainFor(world)
  const signInAgain = async (user: User): Promise<User> => {
    const { body } = await world.anonymous.post('/api/v1/auth/login', {
      email: user.email,
      password: user.password,
    })
    return { ...user, ...world.client(body.access_token) }
  }

  test('the counter says what the rows take, after any sequence of changes', async () => {
    const seed = seedFrom('BYTES_SEED')
    const random = randomOf(seed)
    let user = await world.register(`Ann${seed}`)
    const v1 = (path: string) => `/api/v1${path}`
    const chance = (part: number) => random() < part
    const text = (most: number) =>
      Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(random, LETTERS)).join('')
    const name = () => `x${text(12).trim()}`.trim()
    const names = ['home', 'work', 'spät', '日本', 'a"b\\c']
    const key = (): Record<string, string> =>
      chance(0.4) ? { 'Idempotency-Key': `key ${Math.floor(random() * 40)}` } : {}
    const some = async (path: string): Promise<string | undefined> => {
      const items = await everyItem(user, v1(path))
      return items.length > 0 ? pick(random, items).id : undefined
    }
    const task = () => some('/tasks')
    const trashed = () => some('/tasks?deleted=true')
    const project = async () => {
      const items = (await user.get(v1('/projects'))).body.items as { id: string; inbox: boolean }[]
      return pick(random, items).id
    }
    const label = async () => {
      const items = (await user.get(v1('/labels?limit=200'))).body.items as { id: string }[]
      return items.length > 0 ? pick(random, items).id : undefined
    }
    const labels = () =>
      Array.from({ length: Math.floor(random() * 4) }, () =>
        chance(0.8) ? pick(random, names) : name(),
      )
    const content = () => ({
      title: `t${text(30)}`,
      description: chance(0.5) ? text(200) : '',
      labels: labels(),
    })
    const acts: Record<string, () => Promise<Answer | undefined>> = {
      'create a task': async () => user.post(v1('/tasks'), content(), key()),
      'create many tasks': async () => {
        for (let i = 0; i < 3 * ROWS; i++)
          await user.post(v1('/tasks'), { title: `many ${i}`, labels: [pick(random, names)] })
        return undefined
      },
      'create a subtask': async () =>
        user.post(v1('/tasks'), { ...content(), parent_id: await task() }, key()),
      'patch the texts': async () =>
        user.patch(
          v1(`/tasks/${await task()}`),
          chance(0.5) ? { title: text(40) } : { description: text(90) },
        ),
      'patch the labels': async () =>
        user.patch(v1(`/tasks/${await task()}`), { labels: labels() }),
      'replace a task': async () =>
        user.put(v1(`/tasks/${await task()}`), content(), { 'If-Match': '*' }),
      'complete a task': async () =>
        user.post(v1(`/tasks/${await task()}/complete`), undefined, key()),
      'move a task': async () =>
        user.post(v1(`/tasks/${await task()}/move`), { project_id: await project() }, key()),
      'trash a task': async () => user.delete(v1(`/tasks/${await task()}`)),
      'restore a task': async () =>
        user.post(v1(`/tasks/${await trashed()}/restore`), undefined, key()),
      'create a project': async () => user.post(v1('/projects'), { name: name() }, key()),
      'rename a project': async () =>
        user.patch(v1(`/projects/${await project()}`), { name: name() }),
      'delete a project': async () => user.delete(v1(`/projects/${await project()}`)),
      'create a label': async () => user.post(v1('/labels'), { name: name() }, key()),
      'rename a label': async () =>
        user.patch(v1(`/labels/${await label()}`), {
          name: chance(0.3) ? pick(random, names) : name(),
        }),
      'delete a label': async () => user.delete(v1(`/labels/${await label()}`)),
      'create an API key': async () =>
        user.post(v1('/api-keys'), { name: 'k', scopes: ['tasks:read'] }, key()),
    }
    const cuttable = [
      'rename a label',
      'delete a label',
      'delete a project',
      'trash a task',
      'restore a task',
      'move a task',
    ]
    const done = new Set<string>()
    const act = async (which: string) => {
      const { status } = (await acts[which]?.()) ?? { status: 200 }
      if (status < 300) done.add(which)
      expect(status, which).toBeLessThan(504)
      return status
    }
    const rounds = sized('BYTES_ROUNDS', { full: 60, small: 25 })
    for (let round = 0; round < rounds; round++) {
      const chosen = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
        pick(random, Object.keys(acts)),
      )
      const said = `seed ${seed}, round ${round}: ${chosen.join(', ')}`
      await Promise.all(chosen.map(act))
      await expectExact(user, said)
      if (chance(0.25)) {
        const which = pick(random, cuttable)
        const path = await acts[which]
        chunked.cutOffAfter(1 + Math.floor(random() * 3))
        await path?.()
        chunked.cutOffAfter(Number.POSITIVE_INFINITY)
        await expectExact(user, `${said}; ${which}, cut off`)
        await act(pick(random, Object.keys(acts)))
        await expectExact(user, `${said}; ${which}, cut off, and another change`)
        await chunked.finish()
        await expectExact(user, `${said}; ${which}, cut off and finished`)
      }
      if (chance(0.1)) {
        world.clock.advance(pick(random, [DAY + 1, 16 * DAY, 31 * DAY]))
        user = await signInAgain(user)
        // with a key that was used more than a day ago, at times
        if (chance(0.5)) await act('create a task')
        await expectExact(user, `${said}; later`)
        await run()
        await expectExact(user, `${said}; maintained`)
        user = await signInAgain(user)
      }
    }
    if (rounds >= 60) expect([...done].sort()).toEqual(Object.keys(acts).sort())
    const exact = await counted(user)
    const { db } = world.deps
    const sql = (text: string) => db.atomic([{ statement: { text, bind: () => [] }, values: {} }])
    await sql('update users set bytes = 3')
    await recountBytes(world.deps, user.id)
    expect(await counted(user), 'recounted').toBe(exact)
    const [, fill] = readMigrations(db.dialect.name).find(
      ({ tag }) => tag === '0005_stored_bytes',
    )!.statements
    await sql('update users set bytes = 3')
    await sql(fill!)
    expect(await counted(user), 'as the migration counts what is there').toBe(exact)
    for (const { id } of await everyItem(user, v1('/tasks'))) await user.delete(v1(`/tasks/${id}`))
    world.clock.advance(31 * DAY)
    user = await signInAgain(user)
    await run()
    await expectExact(user, 'the trash is empty')
  })

  const LIMIT = 4_000
  const limited = async (limit = LIMIT) =>
    createWorld({
      open: async () => ({ db: world.deps.db, close: async () => {} }),
      clock: world.clock,
      env: { QUOTA_BYTES: String(limit) },
    })
  const used = async (user: User) => (await user.get('/api/v1/me')).body.quotas.bytes

  test('the quota is kept to the last byte, also when many ask at once', async () => {
    const bob = await (await limited()).register('Bob')
    const empty = (await used(bob)).used
    expect(empty, 'the name of the inbox').toBe(5)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        bob.post('/api/v1/tasks', { title: `t${i + 10}`, description: 'é'.repeat(150) }),
      ),
    )
    // Title and its folded copy, description, and both folded.
    const each = 3 + 3 + 300 + 304
    const made = answers.filter(({ status }) => status === 201)
    expect(made).toHaveLength(Math.floor((LIMIT - empty) / each))
    const refused = answers.filter(({ status }) => status !== 201)
    expect(new Set(refused.map(({ status, body }) => `${status} ${body.code}`))).toEqual(
      new Set(['403 quota_exceeded']),
    )
    const stored = empty + made.length * each
    expect(await used(bob)).toEqual({ used: stored, limit: LIMIT })
    expect(refused[0]!.body.detail).toContain(
      `You may store ${LIMIT} bytes of text; ${stored} are stored, and this takes ${each} more.`,
    )
    await expectExact(bob, 'refused')
    const room = Math.floor((LIMIT - stored - 4) / 2)
    const filling = (length: number) =>
      bob.post('/api/v1/tasks', { title: 'x', description: 'x'.repeat(length) })
    expect((await filling(room + 1)).status).toBe(403)
    expect((await filling(room)).status).toBe(201)
    await expectExact(bob, 'full')
  })

  test('who is over the quota may read, change what gets no larger, and delete, but nothing that grows', async () => {
    const cleo = await world.register('Cleo')
    const v1 = (path: string) => `/api/v1${path}`
    const make = async (fields: object) =>
      (await cleo.post(v1('/tasks'), { title: 'A task', ...fields })).body.id as string
    const [one, two] = [
      await make({ description: 'x'.repeat(500), labels: ['home'] }),
      await make({ labels: ['home'] }),
    ]
    const project = (await cleo.post(v1('/projects'), { name: 'House' })).body.id
    const label = (await cleo.get(v1('/labels'))).body.items[0].id
    const lowered = await limited(100)
    const over = lowered.client(cleo.token)
    const before = await counted(cleo)
    expect((await over.get(v1('/me'))).body.quotas.bytes).toEqual({ used: before, limit: 100 })
    const grows = [
      await over.post(v1('/tasks'), { title: 'x' }),
      await over.patch(v1(`/tasks/${one}`), { title: 'A longer title' }),
      await over.patch(v1(`/tasks/${one}`), { labels: ['home', 'work'] }),
      await over.patch(v1(`/projects/${project}`), { name: 'House and garden' }),
      await over.patch(v1(`/labels/${label}`), { name: 'homes' }),
      await over.post(v1('/labels'), { name: 'l' }),
      await over.post(v1('/projects'), { name: 'p' }),
      await over.post(v1(`/tasks/${one}/complete`), undefined, { 'Idempotency-Key': 'kept' }),
      await over.post(`/api/${cleo.id}/tasks`, { title: 'x' }),
      await over.send('PUT', `/api/${cleo.id}/tasks/${one}`, { title: 'A longer title' }),
    ]
    expect(grows.map(({ status, body }) => `${status} ${body.code}`)).toEqual(
      grows.map(() => '403 quota_exceeded'),
    )
    expect(await counted(cleo)).toBe(before)
    const others = [
      await over.get(v1(`/tasks/${one}`)),
      await over.patch(v1(`/tasks/${one}`), { title: 'A tusk', priority: 'high' }),
      await over.patch(v1(`/tasks/${one}`), { description: 'x'.repeat(400) }),
      await over.patch(v1(`/projects/${project}`), { name: 'Home' }),
      await over.patch(v1(`/labels/${label}`), { name: 'hut' }),
      await over.post(v1(`/tasks/${one}/complete`)),
      await over.post(v1(`/tasks/${two}/move`), { project_id: project }),
      await over.delete(v1(`/tasks/${two}`)),
      await over.post(v1(`/tasks/${two}/restore`)),
      await over.delete(v1(`/tasks/${two}`)),
      await over.delete(v1(`/labels/${label}`)),
      await over.delete(v1(`/projects/${project}`)),
      await over.delete(`/api/${cleo.id}/tasks/${one}`),
    ]
    expect(others.map(({ status }) => status)).toEqual([
      200, 200, 200, 200, 200, 200, 200, 204, 200, 204, 204, 204, 204,
    ])
    await expectExact(cleo, 'less')
  })

  test('a new name that is on many tasks has to fit on all of them', async () => {
    const dora = await world.register('Dora')
    for (let i = 0; i < 2 * ROWS; i++)
      await dora.post('/api/v1/tasks', { title: 't', labels: ['l'] })
    const label = (await dora.get('/api/v1/labels')).body.items[0].id
    const before = await counted(dora)
    const grown = (2 * ROWS + 1) * 9
    const rename = async (limit: number, name: string) =>
      (await (await limited(limit)).client(dora.token).patch(`/api/v1/labels/${label}`, { name }))
        .status
    expect(await rename(before + grown - 1, 'longer nam')).toBe(403)
    await expectExact(dora, 'refused')
    expect(await rename(before + grown, 'longer nam')).toBe(200)
    expect(await counted(dora)).toBe(before + grown)
    await expectExact(dora, 'renamed')
  })
})
