// What an earlier version stored is folded and composed as this version does, in chunks, once.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recountBytes } from '../../../src/core/stored-bytes.ts'
import { foldAsBefore } from '../../../src/core/text.ts'
import { rawQuery, write } from '../../../src/db/statement.ts'
import { repairUnchecked } from '../../../src/features/maintenance/index.ts'
import { readMigrations } from '../../../src/runtimes/node/migrations.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

type Task = {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly rev: string
  readonly labels: readonly string[]
}

describeEachDatabase('texts of an earlier version', (open) => {
  let world: World
  let ann: User
  beforeAll(async () => {
    // Half a chunk is looked at together: two tasks. More than four are a change in chunks.
    world = await createWorld({ open, bulk: { rows: 4 } })
  })
  afterAll(() => world.close())
  const newcomer = async (name: string) => {
    ann = await world.register(name)
    return ann
  }

  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`
  const run = (...texts: string[]) =>
    world.deps.db.atomic(texts.map((text) => write(rawQuery(text, []), {})))
  const ledger = async () => {
    const row = await world.deps.db.one(
      rawQuery<{ seq: number; checked: number; bytes: number }>(
        `select seq, checked_seq, bytes from users where id = '${ann.id}'`,
        ['seq', 'checked', 'bytes'],
      ),
    )
    return { seq: Number(row?.seq), checked: Number(row?.checked), bytes: Number(row?.bytes) }
  }
  /** As the version before stored them, and as the migration left them. */
  const age = async (tasks: readonly Task[]) => {
    await run(
      ...tasks.map(
        ({ id, title, description }) =>
          `update tasks set title_key = ${quoted(foldAsBefore(title))}, haystack = ${quoted(`${foldAsBefore(title)}\n${foldAsBefore(description)}`)} where id = '${id}'`,
      ),
    )
    await recountBytes(world.deps, ann.id)
    await migrate()
  }
  const migrate = async () => {
    const { dialect } = world.deps.db
    const last = readMigrations(dialect.name).find(({ tag }) => tag.endsWith('_text_comparison'))
    await run(last?.statements.at(-1) as string)
  }
  const repair = () => repairUnchecked({ ...world.deps, quotas: world.deps.config.quotas })
  const make = async (given: object): Promise<Task> =>
    (await ann.post('/api/v1/tasks', { title: 'x', ...given })).body
  const find = async (query: Record<string, string>): Promise<Task[]> =>
    (await ann.get(`/api/v1/tasks?limit=200&${new URLSearchParams(query)}`)).body.items
  const read = async ({ id }: Pick<Task, 'id'>): Promise<Task> =>
    (await ann.get(`/api/v1/tasks/${id}`)).body
  const expectCounted = async () => {
    const { bytes, seq, checked } = await ledger()
    await recountBytes(world.deps, ann.id)
    expect(bytes).toBe((await ledger()).bytes)
    expect(checked).toBe(seq)
  }

  test('are found by what they are folded to now, without a new revision', async () => {
    await newcomer('Ann')
    const tasks: Task[] = []
    for (let i = 0; i < 9; i++)
      tasks.push(await make({ title: `Straße ΟΔΟΣ ${i}`, description: `soft\u00adhyphen ${i}` }))
    const plain = await make({ title: 'plain' })
    await age(tasks)
    expect(await find({ q: 'STRASSE' }), 'this can fail').toEqual([])
    await repair()
    for (const q of ['STRASSE', 'οδος', 'softhyphen'])
      expect((await find({ q })).map(({ id }) => id)).toEqual(tasks.map(({ id }) => id))
    expect(await Promise.all(tasks.map(read))).toEqual(tasks)
    expect(await read(plain)).toEqual(plain)
    const sorted = await find({ q: 'strasse', sort: 'title' })
    expect(sorted.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id))
    await expectCounted()
    const { seq } = await ledger()
    await migrate()
    await repair()
    expect((await ledger()).seq, 'there was nothing to do').toBe(seq)
  })

  test('stay right while requests change them', async () => {
    await newcomer('Bob')
    const tasks: Task[] = []
    for (let i = 0; i < 8; i++) tasks.push(await make({ title: `Gruß ${i}` }))
    await age(tasks)
    const changing = async () => {
      for (const { id } of tasks) await ann.patch(`/api/v1/tasks/${id}`, { description: 'Maß' })
    }
    const repairing = async () => {
      for (let i = 0; i < 4; i++) await repair()
    }
    await Promise.all([changing(), repairing()])
    await repair()
    expect(await find({ q: 'GRUSS MASS' })).toHaveLength(8)
    await expectCounted()
  })

  /** A label as it was typed; MariaDB and the others hold both forms beside each other. */
  const decomposed = async (name: string, count: number) => {
    const tasks: Task[] = []
    for (let i = 0; i < count; i++) tasks.push(await make({ labels: [`${name} typed`, 'other'] }))
    const shown = quoted(JSON.stringify(['other', name]))
    await run(
      `update labels set name = ${quoted(name)} where owner_id = '${ann.id}' and name = ${quoted(`${name} typed`.normalize('NFC'))}`,
      ...tasks.map(({ id }) => `update tasks set labels = ${shown} where id = '${id}'`),
    )
    return tasks
  }
  const names = async () =>
    (await ann.get('/api/v1/labels?limit=200')).body.items.map(({ name }: { name: string }) => name)

  test.each([2, 11])('a name on %i tasks is composed', async (count) => {
    await newcomer(`Cy${count}`)
    const tasks = await decomposed('cafe\u0301', count)
    await migrate()
    await repair()
    expect(await names()).toEqual(['caf\u00e9', 'other'])
    const found = await find({ label: 'caf\u00e9' })
    expect(found.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id))
    for (const [i, { labels, rev }] of found.entries()) {
      expect(labels).toEqual(['caf\u00e9', 'other'])
      expect(rev).not.toBe(tasks[i]?.rev)
    }
    await expectCounted()
  })

  test.each([2, 11])('a name on %i tasks becomes one with its composed form', async (count) => {
    await newcomer(`Dan${count}`)
    const typed = await decomposed('cafe\u0301', count)
    const [first] = typed as [Task]
    const composed = await make({ labels: ['caf\u00e9'] })
    // One has both.
    await run(
      `insert into task_labels (task_id, label_id) select '${first.id}', id from labels where owner_id = '${ann.id}' and name = 'caf\u00e9'`,
      `update tasks set labels = ${quoted(JSON.stringify(['caf\u00e9', 'cafe\u0301', 'other']))} where id = '${first.id}'`,
    )
    expect(await names()).toEqual(['cafe\u0301', 'caf\u00e9', 'other'])
    await migrate()
    await repair()
    expect(await names()).toEqual(['caf\u00e9', 'other'])
    const found = await find({ label: 'cafe\u0301' })
    expect(found.map(({ id }) => id)).toEqual([...typed, composed].map(({ id }) => id))
    for (const task of typed) expect((await read(task)).labels).toEqual(['caf\u00e9', 'other'])
    expect(await read(composed)).toEqual(composed)
    expect((await find({ label: 'other' })).length).toBe(count)
    await expectCounted()
    expect((await ann.get('/api/v1/me')).body.quotas.labels.used).toBe(2)
  })

  test('the name of a project is composed, with a new revision', async () => {
    await newcomer('Eve')
    const { body: project } = await ann.post('/api/v1/projects', { name: 'Gar\u00e7on' })
    await run(
      `update projects set name = ${quoted('Garc\u0327on')}, rev = '${randomUUID()}' where id = '${project.id}'`,
    )
    await migrate()
    await repair()
    const { body } = await ann.get(`/api/v1/projects/${project.id}`)
    expect(body.name).toBe('Gar\u00e7on')
    await expectCounted()
  })
})
