// A newer version starts on the database of an older one that does not look at the ledger and goes
// on writing: every answer that was acknowledged, by whichever, is what is read afterwards.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { randomOf } from '../../bench/data/random.ts'
import { buildRelease, isInHistory } from '../../scripts/support/release.ts'
import { recountBytes } from '../../src/core/stored-bytes.ts'
import type { Database } from '../../src/db/database.ts'
import { rawQuery } from '../../src/db/statement.ts'
import { type Answer, type Client, clientsOf, type User } from '../support/client.ts'
import { startTaskport } from '../support/process.ts'
import { isSmall, until } from '../support/size.ts'
import {
  at,
  type Balancer,
  byId,
  CLIENTS,
  createBook,
  databases,
  end,
  env,
  insist,
  list,
  openBeside,
  PRESENT,
  sum,
  type Task,
  tally,
  write,
  writeDuring,
} from './book.ts'
import { seed } from './random.ts'

/** Tasks of the user whose label is renamed: more than one batch may change. */
const MANY = 300

/** What a filter by label finds is what shows the label. */
const expectLinksAndNames = async (client: Client): Promise<void> => {
  const all = await list(client)
  const { body } = await client.get('/api/v1/labels?limit=200')
  for (const { name } of body.items as { name: string }[]) {
    const linked = await list(client, `&label=${encodeURIComponent(name)}`)
    expect(byId(linked).map(({ id }) => id)).toEqual(
      byId(all.filter(({ labels }) => labels.includes(name))).map(({ id }) => id),
    )
  }
}

const folderOfSuite = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-release-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const bytesOf = async (db: Database, id: string) =>
  Number(
    (await db.one(rawQuery<{ n: unknown }>(`select bytes from users where id = '${id}'`, ['n'])))
      ?.n,
  )

/**
 * Versions that do not look at the ledger. In the second a task's row had no names of labels yet:
 * until what it wrote is repaired, which gives a new revision, the newer version sees no labels. So
 * there each client stays with one of the two.
 */
const earlier = [
  { commit: 'cc92c13', repaired: false },
  { commit: 'ed3748a', repaired: true },
]
/** Fields that these versions did not answer yet. */
const laterFields: readonly string[] = [
  'kind',
  'extra',
  'deadline',
  'estimate_minutes',
  'url',
  'external_id',
  'blocked_by',
  'blocked',
  'recurrence',
  'occurrence',
  'progress',
  'comment_count',
]
/** A repair gives a new revision, and a later instant of the change. */
const ofRepairs: readonly string[] = ['rev', 'updated_at']
const shown = (tasks: Iterable<Task>, repaired: boolean): object[] => {
  const left = repaired ? [...laterFields, ...ofRepairs] : laterFields
  return JSON.parse(
    JSON.stringify(byId(tasks), (key, value) => (left.includes(key) ? undefined : value)),
  )
}

for (const { commit, repaired } of earlier) {
  const isThere = await isInHistory(commit)
  if (!isThere)
    console.log(`absent, so the upgrade from ${commit} was skipped: a clone with history`)
  const built = folderOfSuite()
  let entry: string
  beforeAll(async () => {
    if (isThere) entry = await buildRelease(commit, built)
  })
  // In a small run once each: what needs repair is the same on all of them.
  const where = isSmall
    ? databases.filter(([name]) => name === (repaired ? 'libSQL file' : 'Postgres'))
    : databases
  test.skipIf(!isThere).each(where)(
    `an upgrade from ${commit}, which goes on writing, on %s`,
    async (name, make) => {
      if (!make)
        return console.log(`absent, so the upgrade from ${commit} on it was skipped: ${name}`)
      const { url, drop } = await make()
      Object.assign(tally, { acknowledged: 0, unanswered: 0, superseded: 0 })
      const older = await startTaskport(env(url), entry)
      const random = randomOf(seed)
      const [some, others]: [Balancer, Balancer] = [
        { services: [older], random },
        { services: [older], random },
      ]
      const { register } = clientsOf((path, init) => fetch(older.url + path, init))
      const users = await Promise.all(['Ann', 'Bob'].map(register))
      const bookOf = (i: number) =>
        createBook(`client ${i}`, users[i % users.length] as User, i % 4 < 2 ? some : others)
      const books = Array.from({ length: CLIENTS }, (_, i) => bookOf(i))
      const heavy = await register('Heavy')
      await heavy.post('/api/v1/labels', { name: 'old' })
      for (let i = 0; i < MANY; i++)
        expect(
          (await heavy.post('/api/v1/tasks', { title: `many ${i}`, labels: ['old'] })).status,
        ).toBe(201)
      const heavyBook = createBook('heavy', heavy, some)
      await write(books, () => books.every(({ tasks }) => tasks.size > 0))

      const newer = await writeDuring([...books, heavyBook], () => startTaskport(env(url), PRESENT))
      const db = await openBeside(url)
      const unchecked = rawQuery<{ n: unknown }>(
        'select count(*) from users where checked_seq <> seq',
        ['n'],
      )
      const allChecked = () => until(async () => Number((await db.one(unchecked))?.n) === 0)
      if (repaired) await allChecked()
      some.services = repaired ? [older] : [older, newer]
      others.services = repaired ? [newer] : [older, newer]
      // Chunk by chunk, while the older version knows nothing of chunks.
      await writeDuring([...books, heavyBook], async () => {
        const byNewer: Balancer = { services: [newer], random }
        const asked = (send: (client: Client) => Promise<Answer>) =>
          insist(byNewer, heavy.token, send)
        const { body } = await asked((client) => client.get('/api/v1/labels'))
        const { id } = body.items.find((label: { name: string }) => label.name === 'old')
        await asked((client) => client.patch(`/api/v1/labels/${id}`, { name: 'new' }))
        // 404 after one that was done and not answered.
        const remove = () => at(newer, heavy.token).delete(`/api/v1/labels/${id}`)
        await until(async () => [204, 404].includes((await remove()).status))
      })
      await end(older)
      if (repaired) await allChecked()
      for (const balancer of [some, others]) balancer.services = [newer]
      await writeDuring(books, async () => {})
      await allChecked()
      for (const book of books) {
        const found = await list(at(newer, book.token))
        const own = found.filter(({ id }) => book.tasks.has(id))
        expect(shown(own, repaired)).toEqual(shown(book.tasks.values(), repaired))
      }
      for (const user of users) {
        const titles = (await list(at(newer, user.token))).length
        expect(titles, 'nothing is there that was not acknowledged').toBe(
          books
            .filter((book) => book.user === user.id)
            .reduce((all, { tasks }) => all + tasks.size, 0),
        )
      }
      for (const { id, token } of [...users, heavy]) {
        await expectLinksAndNames(at(newer, token))
        const before = await bytesOf(db, id)
        await recountBytes({ db }, id)
        expect(await bytesOf(db, id)).toBe(before)
      }
      const left = await list(at(newer, heavy.token))
      expect(
        left.filter(
          ({ labels }) => labels.includes('old') || labels.includes('new') || labels.includes(''),
        ),
      ).toEqual([])
      expect(left).toHaveLength(MANY + heavyBook.tasks.size)
      await end(newer)
      for (const said of [older.out(), newer.out()]) expect(said).not.toMatch(/"level":"error"/)
      if (repaired) expect(newer.out()).toMatch(/"what an older version wrote was repaired"/)
      sum(`${commit} on ${name}`)
      await drop()
    },
  )
}
