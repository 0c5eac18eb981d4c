// What a task shows of its labels stands in its own row as well as in the links: both have to say
// the same.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readMigrations } from '../../../src/runtimes/node/migrations.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

type Shown = { readonly id: string; readonly labels: readonly string[] }
type Label = { readonly id: string; readonly name: string }

describeEachDatabase('labels of tasks', (open, database) => {
  let world: World
  let ann: User
  beforeAll(async () => {
    world = await createWorld({ open })
    ann = await world.register('Ann')
  })
  afterAll(() => world.close())

  const make = async (labels: readonly string[]): Promise<Shown> =>
    (await ann.post('/api/v1/tasks', { title: 'Sweep', labels })).body
  const read = async (id: string): Promise<Shown> => (await ann.get(`/api/v1/tasks/${id}`)).body
  const all = async (query = ''): Promise<Shown[]> =>
    (await ann.get(`/api/v1/tasks?limit=200${query}`)).body.items
  const known = async (): Promise<Label[]> => (await ann.get('/api/v1/labels?limit=200')).body.items
  const named = async (name: string): Promise<Label> =>
    (await known()).find((label) => label.name === name) as Label

  /** What the tasks show, and what the label filter finds, which asks the links. */
  const shownAndLinked = async () => {
    const tasks = await all()
    const links = new Map(tasks.map(({ id }) => [id, [] as string[]]))
    for (const { name } of await known())
      for (const { id } of await all(`&label=${encodeURIComponent(name)}`))
        links.get(id)?.push(name)
    return [
      tasks.map(({ id, labels }) => [id, labels]),
      tasks.map(({ id }) => [id, links.get(id)?.sort()]),
    ] as const
  }

  test('a renamed label changes its place among the others, and only where it is', async () => {
    const [both, other] = [await make(['b "quoted"', 'm', 'ä']), await make(['m', 'z'])]
    await ann.patch(`/api/v1/labels/${(await named('b "quoted"')).id}`, { name: 'x' })
    expect((await read(both.id)).labels).toEqual(['m', 'x', 'ä'])
    expect(await read(other.id)).toEqual(other)
    await ann.delete(`/api/v1/labels/${(await named('m')).id}`)
    expect([(await read(both.id)).labels, (await read(other.id)).labels]).toEqual([
      ['x', 'ä'],
      ['z'],
    ])
    await ann.delete(`/api/v1/labels/${(await named('z')).id}`)
    expect((await read(other.id)).labels).toEqual([])
  })

  test('names that are nothing but signs survive being written anew by the database', async () => {
    const odd = ['\\', '"', '["a"]', 'null', '🦊\u200d🔥', 'é', 'q\u0301', '%', "'"]
    const task = await make([...odd, 'plain'])
    await ann.patch(`/api/v1/labels/${(await named('plain')).id}`, { name: '\\"🦊' })
    expect((await read(task.id)).labels).toEqual([...odd, '\\"🦊'].sort())
    for (const name of odd)
      expect((await all(`&label=${encodeURIComponent(name)}`)).map(({ id }) => id)).toEqual([
        task.id,
      ])
  })

  test('a task in the trash follows as well', async () => {
    const task = await make(['early', 'late'])
    await ann.delete(`/api/v1/tasks/${task.id}`)
    await ann.patch(`/api/v1/labels/${(await named('early')).id}`, { name: 'soon' })
    await ann.delete(`/api/v1/labels/${(await named('late')).id}`)
    expect((await read(task.id)).labels).toEqual(['soon'])
    await ann.post(`/api/v1/tasks/${task.id}/restore`)
    expect((await all('&label=soon')).map(({ labels }) => labels)).toEqual([['soon']])
  })

  test('however renames, deletions and patches meet, a task shows what it is found by', async () => {
    const names = ['p', 'q', 'r', 's']
    const tasks = await Promise.all(names.map((name) => make([name, 'always'])))
    const rounds = database === 'D1' ? 5 : 15
    for (let round = 0; round < rounds; round++) {
      const labels = await known()
      const at = <T>(list: readonly T[], by: number) => list[(round * 7 + by) % list.length] as T
      const answers = await Promise.all([
        ann.patch(`/api/v1/labels/${at(labels, 0).id}`, { name: `n${round}` }),
        ann.delete(`/api/v1/labels/${at(labels, 1).id}`),
        ann.patch(`/api/v1/tasks/${at(tasks, 0).id}`, {
          labels: [at(names, round), at(labels, 0).name],
        }),
        ann.patch(`/api/v1/tasks/${at(tasks, 1).id}`, {
          labels: [at(labels, 1).name, at(names, 1)],
        }),
        ann.patch(`/api/v1/tasks/${at(tasks, 2).id}`, { title: `Sweep ${round}` }),
        ann.post('/api/v1/tasks', {
          title: 'Sweep',
          labels: [at(labels, 0).name, at(labels, 1).name],
        }),
      ])
      expect(answers.filter(({ status }) => status >= 500)).toEqual([])
      expect(answers[4]?.status).toBe(200)
    }
    const [shown, linked] = await shownAndLinked()
    expect(shown).toEqual(linked)
    expect(shown.some(([, labels]) => (labels?.length ?? 0) > 1)).toBe(true)
  })

  test('the migration that brought the names into the tasks finds them all', async () => {
    await make(['one', 'two'])
    await make([])
    await ann.delete(`/api/v1/tasks/${(await make(['one', 'gone'])).id}`)
    const [before, trashed] = [await all(), await all('&deleted=true')]
    expect(trashed.some(({ labels }) => labels.includes('gone'))).toBe(true)
    const fill = readMigrations(world.deps.db.dialect.name)
      .find(({ tag }) => tag === '0003_label_names')
      ?.statements.at(-1) as string
    const run = (text: string) =>
      world.deps.db.atomic([{ statement: { text, bind: () => [] }, values: {} }])
    await run('update tasks set labels = null')
    expect((await all()).flatMap(({ labels }) => labels)).toEqual([])
    await run(fill)
    expect(await all()).toEqual(before)
    expect(await all('&deleted=true')).toEqual(trashed)
  })

  test('who sets the labels of a task sets its links, whatever they were', async () => {
    const task = await make(['home'])
    await world.deps.db.atomic([
      { statement: { text: 'update tasks set labels = null', bind: () => [] }, values: {} },
    ])
    expect((await read(task.id)).labels).toEqual([])
    const { status, body } = await ann.patch(`/api/v1/tasks/${task.id}`, {
      labels: ['home', 'away'],
    })
    expect([status, body.labels]).toEqual([200, ['away', 'home']])
    expect((await all('&label=home')).map(({ labels }) => labels)).toEqual([['away', 'home']])
  })
})
