// Requests of one user that change different tasks of one project at the same moment: none of them
// is refused.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Contention, createContention, withoutQueue } from '../../../src/core/contention.ts'
import type { Client } from '../../support/client.ts'
import { crowd, everyItem, faultsOfShape, tally } from '../../support/crowd.ts'
import { describeEachDatabase, type Opened } from '../../support/databases.ts'
import { type Recording, recorded } from '../../support/recording.ts'
import { isSmall } from '../../support/size.ts'
import { createWorld, stillClock, type User, type World } from '../../support/world.ts'

const AT_ONCE = 32
/** Half of them in a small run. */
const COUNT = isSmall ? 32 : 64
const MANY = Array.from({ length: COUNT }, (_, i) => i)

/**
 * What answers: one process, two of them on the same database, or isolates whose requests cannot
 * wait for each other.
 */
const services: Readonly<Record<string, readonly (() => Contention)[]>> = {
  'one process': [() => createContention()],
  'two processes': [() => createContention(), () => createContention()],
  isolates: [() => withoutQueue],
}
/**
 * Where one way to answer is the only one. The clocks stand still: no request runs out of patience
 * on a slow machine.
 */
const only: Readonly<Record<string, string>> = {
  D1: 'isolates',
  'libSQL file of a worker': 'two processes',
}
const servicesOn = (database: string) =>
  Object.entries(services).filter(([name]) => name === (only[database] ?? name))

describeEachDatabase('contention', (open, database) => {
  /**
   * D1's simulator runs one call at a time: many that start over again keep it busy for minutes. A
   * libSQL server is slow with them, too, and a small run has not the time.
   */
  const isSlow = database === 'D1' || (isSmall && database === 'libSQL server')
  const CONTENDERS = isSlow ? 8 : AT_ONCE
  let opened: Opened
  let take: () => Recording
  let db: Opened['db']
  beforeAll(async () => {
    opened = await open()
    const recording = recorded(opened.db)
    take = recording.take
    db = recording.db
  })
  afterAll(() => opened.close())

  describe.each(servicesOn(database))('in %s', (name, contentions) => {
    const worlds: World[] = []
    let ann: User
    let anns: Client[]
    beforeAll(async () => {
      for (const contention of contentions)
        worlds.push(
          await createWorld({
            open: async () => ({ db, close: async () => {} }),
            clock: stillClock(),
            contention: contention(),
          }),
        )
      ann = await worlds[0]!.register(`ann.${name.replace(' ', '.')}`)
      anns = worlds.map((world) => world.client(ann.token))
    })

    /** Requests go to one process after the other. */
    const as = (i: number): Client => anns[i % anns.length] as Client
    const v1 = (path: string) => `/api/v1${path}`
    const project = async (name: string): Promise<string> =>
      (await ann.post(v1('/projects'), { name })).body.id
    const make = async (fields: object): Promise<string> =>
      (await ann.post(v1('/tasks'), { title: 'Sweep', ...fields })).body.id
    const makeMany = (fields: object) =>
      crowd(MANY, AT_ONCE, (i) => make({ title: `Task ${i}`, ...fields }))
    /** One user's batches since the last look, without those of other tables. */
    const batches = () => take().batches.length

    test(`${COUNT} deletes, then ${COUNT} restores of different tasks, 32 at once, take a batch each`, async () => {
      const project_id = await project('Trash')
      const ids = await makeMany({ project_id })
      const list = v1(`/tasks?project_id=${project_id}`)
      batches()
      const deleted = await crowd(ids, AT_ONCE, (id, i) => as(i).delete(v1(`/tasks/${id}`)))
      expect(tally(deleted)).toEqual({ 204: COUNT })
      expect(batches()).toBe(COUNT)
      expect(await everyItem(ann, list)).toEqual([])
      const restored = await crowd(ids, AT_ONCE, (id, i) => as(i).post(v1(`/tasks/${id}/restore`)))
      expect(tally(restored)).toEqual({ 200: COUNT })
      expect(batches()).toBe(COUNT)
      expect((await everyItem(ann, list)).map(({ id }) => id).sort()).toEqual([...ids].sort())
    })

    test(`${COUNT} moves to one parent and into another project, 32 at once, take a batch each`, async () => {
      const [from, to] = [await project('From'), await project('To')]
      const ids = await makeMany({ project_id: from })
      const parent_id = await make({ project_id: from })
      const move = (body: object) =>
        crowd(ids, AT_ONCE, (id, i) => as(i).post(v1(`/tasks/${id}/move`), body))
      batches()
      expect(tally(await move({ parent_id }))).toEqual({ 200: COUNT })
      expect(batches()).toBe(COUNT)
      expect(
        (await everyItem(ann, v1(`/tasks?parent_id=${parent_id}`))).map(({ id }) => id).sort(),
      ).toEqual([...ids].sort())
      batches()
      expect(tally(await move({ project_id: to }))).toEqual({ 200: COUNT })
      expect(batches()).toBe(COUNT)
      expect(
        (await everyItem(ann, v1(`/tasks?project_id=${to}`))).map(({ id }) => id).sort(),
      ).toEqual([...ids].sort())
      expect(await faultsOfShape(ann)).toEqual([])
    })

    test(`${COUNT} moves to one place, 32 at once, take a batch each, and moves between them sort them out`, async () => {
      const project_id = await project('Order')
      const ids = await makeMany({ project_id })
      const [first, last] = [
        await make({ project_id, title: 'first' }),
        await make({ project_id, title: 'last' }),
      ]
      batches()
      const moved = await crowd(ids, AT_ONCE, (id, i) =>
        as(i).post(v1(`/tasks/${id}/move`), { after: first }),
      )
      expect(tally(moved)).toEqual({ 200: COUNT })
      expect(batches()).toBe(COUNT)
      const items = await everyItem(ann, v1(`/tasks?project_id=${project_id}&sort=position`))
      expect([items[0]?.id, items.at(-1)?.id]).toEqual([first, last])
      expect(
        items
          .slice(1, -1)
          .map(({ id }) => id)
          .sort(),
      ).toEqual([...ids].sort())
      // Pairs that stand side by side change places, all at the same moment.
      const pairs = items
        .slice(1, -1)
        .flatMap((item, k, all) => (k % 2 === 0 ? [[item, all[k + 1]!] as const] : []))
      const swapped = await crowd(pairs, CONTENDERS, ([a, b], i) =>
        as(i).post(v1(`/tasks/${a.id}/move`), { after: b.id }),
      )
      expect(tally(swapped)).toEqual({ 200: COUNT / 2 })
      const sorted = (
        await everyItem(ann, v1(`/tasks?project_id=${project_id}&sort=position`))
      ).map(({ id }) => id)
      expect(sorted).toEqual([first, ...pairs.flatMap(([a, b]) => [b.id, a.id]), last])
    })

    test(`${CONTENDERS} patches of the same task, project and label at once all hold`, async () => {
      const [project_id, id] = [await project('Same'), await make({})]
      const label = (await ann.post(v1('/labels'), { name: `same ${project_id}` })).body.id
      for (const [path, field] of [
        [`/tasks/${id}`, 'title'],
        [`/projects/${project_id}`, 'name'],
        [`/labels/${label}`, 'name'],
      ] as const) {
        const names = MANY.slice(0, CONTENDERS).map((i) => `${project_id} ${i}`)
        const patched = await crowd(names, CONTENDERS, (name, i) =>
          as(i).patch(v1(path), { [field]: name }),
        )
        expect(tally(patched), path).toEqual({ 200: CONTENDERS })
        expect(names).toContain((await ann.get(v1(path))).body[field])
      }
    })

    test('deletes, creates, moves and restores around the same parents leave a sound tree', async () => {
      const [house, garden, gone] = [
        await project('House'),
        await project('Garden'),
        await project('Gone'),
      ]
      const parents = await crowd(MANY.slice(0, 8), 8, (i) =>
        make({ project_id: house, title: `Parent ${i}` }),
      )
      const children = await crowd(MANY.slice(0, 16), 16, (i) =>
        make({ parent_id: parents[i % 8], title: `Child ${i}` }),
      )
      const trashed = await crowd(MANY.slice(0, 8), 8, (i) =>
        make({ parent_id: children[i], title: `Trashed ${i}` }),
      )
      await crowd(trashed, 8, (id) => ann.delete(v1(`/tasks/${id}`)))
      const doomed = await crowd(MANY.slice(0, 8), 8, (i) =>
        make({ project_id: gone, title: `Doomed ${i}` }),
      )
      const acts = MANY.slice(0, 8).flatMap((i) => {
        const [parent, other, child] = [parents[i], parents[(i + 1) % 8], children[i + 8]]
        const [c0, c1, c2, c3, c4] = [as(i), as(i + 1), as(i + 2), as(i + 3), as(i + 4)] as [
          Client,
          Client,
          Client,
          Client,
          Client,
        ]
        return [
          () => c0.post(v1('/tasks'), { title: `New ${i}`, parent_id: parent }),
          () => c1.delete(v1(`/tasks/${i % 2 === 0 ? parent : child}`)),
          () => c2.post(v1('/tasks'), { title: `Newer ${i}`, parent_id: child }),
          () => c3.post(v1(`/tasks/${other}/move`), { parent_id: i % 2 === 0 ? child : parent }),
          () => c4.post(v1(`/tasks/${trashed[i]}/restore`)),
          () =>
            c0.post(v1(`/tasks/${children[i]}/move`), { project_id: i % 2 === 0 ? garden : gone }),
          () => c1.post(v1(`/tasks/${child}/move`), { after: children[i] }),
          () => c2.post(v1('/tasks'), { title: `Late ${i}`, project_id: gone }),
          () =>
            i === 4
              ? c3.delete(v1(`/projects/${gone}`))
              : c3.post(v1(`/tasks/${doomed[i]}/move`), { parent_id: parent }),
        ]
      })
      const answers = await crowd(acts, AT_ONCE, (act) => act())
      const allowed = ['200', '201', '204', '409 trashed', '422 invalid']
      expect(Object.keys(tally(answers)).filter((key) => !allowed.includes(key))).toEqual([])
      expect(await faultsOfShape(ann)).toEqual([])
    })

    test('a task that moves deeper and one that is made at its bottom do not make an eleventh level', async () => {
      const project_id = await project('Deep')
      for (let round = 0; round < 4; round++) {
        const [above, root] = [await make({ project_id }), await make({ project_id })]
        let bottom = root
        for (let level = 2; level <= 9; level++) bottom = await make({ parent_id: bottom })
        const [created, moved] = await Promise.all([
          as(0).post(v1('/tasks'), { title: 'Below', parent_id: bottom }),
          as(1).post(v1(`/tasks/${root}/move`), { parent_id: above }),
        ])
        expect([created.status < 300, moved.status < 300].sort(), `round ${round}`).toEqual([
          false,
          true,
        ])
      }
      expect(await faultsOfShape(ann)).toEqual([])
    })
  })
})
