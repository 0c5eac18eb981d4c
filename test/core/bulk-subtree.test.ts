// Trees that are larger than a chunk: they are trashed, restored and moved level by level.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { onBehalfOf } from '../../src/core/context.ts'
import { levelsOf } from '../../src/features/tasks/children.ts'
import { type Chunked, expectRevised, openChunked, ROWS, seqsOf } from '../support/chunks.ts'
import { describeEachDatabase } from '../support/databases.ts'
import type { User, World } from '../support/world.ts'

/** MariaDB counts a row that is replaced twice, D1 also the links that go with a task. */
const MOST = 2 * ROWS

type Task = {
  id: string
  rev: string
  deleted_at: string | null
  project_id: string
  parent_id: string | null
}

describeEachDatabase('trees of many tasks', (open) => {
  let chunked: Chunked
  let world: World
  let user: User
  let users = 0
  beforeAll(async () => {
    chunked = await openChunked(open)
    world = chunked.world
  })
  afterAll(() => chunked.close())
  beforeEach(async () => {
    user = await world.register(`User${users++}`)
  })

  const make = async (fields: object): Promise<Task> =>
    (await user.post('/api/v1/tasks', { title: 't', ...fields })).body
  const below = async (parent: Task, count: number): Promise<Task[]> => {
    const made: Task[] = []
    for (let i = 0; i < count; i++) made.push(await make({ parent_id: parent.id }))
    return made
  }
  /** A wide level, another below its first task, and single tasks further down. */
  const makeTree = async (fields: object = {}) => {
    const root = await make(fields)
    const children = await below(root, 2 * ROWS + 1)
    const [first, second] = children as [Task, Task]
    const grandchildren = [...(await below(first, ROWS + 1)), ...(await below(second, 2))]
    const [low] = await below(grandchildren[0] as Task, 1)
    return {
      root,
      children,
      grandchildren,
      all: [root, ...children, ...grandchildren, low as Task],
    }
  }
  const read = async ({ id }: Task): Promise<Task> => (await user.get(`/api/v1/tasks/${id}`)).body
  const readAll = (tasks: readonly Task[]) => Promise.all(tasks.map(read))
  const makeProject = async (name: string): Promise<string> =>
    (await user.post('/api/v1/projects', { name })).body.id
  const running = async () => (await user.get('/api/v1/me')).body.running
  const seqs = () => seqsOf(chunked, user)
  const revised = (before: readonly Task[], seqs: Map<unknown, number>) =>
    expectRevised(chunked, user, { before, seqs })
  /** A live task is in a project that exists, and its parent lives in the same one. */
  const expectSound = async () => {
    const live = (await user.get('/api/v1/tasks?limit=100')).body.items as Task[]
    const byId = new Map(live.map((task) => [task.id, task]))
    const projects = new Set(
      (await user.get('/api/v1/projects')).body.items.map(({ id }: { id: string }) => id),
    )
    for (const task of live) {
      expect(projects).toContain(task.project_id)
      if (task.parent_id !== null)
        expect(byId.get(task.parent_id)?.project_id).toBe(task.project_id)
    }
    expect(await running()).toEqual([])
  }

  type Change = { kind: string; act(root: Task, project: string): Promise<{ status: number }> }
  const remove: Change = {
    kind: 'delete_task',
    act: ({ id }) => user.delete(`/api/v1/tasks/${id}`),
  }
  const restore: Change = {
    kind: 'restore_task',
    act: ({ id }) => user.post(`/api/v1/tasks/${id}/restore`),
  }
  const move: Change = {
    kind: 'move_task',
    act: ({ id }, project) => user.post(`/api/v1/tasks/${id}/move`, { project_id: project }),
  }
  const expectState = async (tasks: readonly Task[], { kind }: Change, project: string) => {
    const [root, ...rest] = (await readAll(tasks)) as [Task, ...Task[]]
    for (const task of rest) {
      expect(task.deleted_at).toBe(root.deleted_at)
      expect(task.project_id).toBe(root.project_id)
    }
    expect(root.deleted_at === null).toBe(kind !== 'delete_task')
    if (kind === 'move_task') expect(root.project_id).toBe(project)
  }
  const each = [remove, restore, move]

  test.each(each)(
    '$kind: all of it, in batches of a chunk, each task with its revision and change',
    async (change) => {
      const { root, all } = await makeTree()
      const [separate] = (await below(root, 1)) as [Task]
      await user.delete(`/api/v1/tasks/${separate.id}`)
      const { deleted_at } = await read(separate)
      const project = await makeProject('P')
      if (change === restore) await remove.act(root, project)
      const [before, tasks] = [await seqs(), await readAll(all)]
      chunked.most()
      expect((await change.act(root, project)).status).toBeLessThan(300)
      expect(chunked.most()).toBeLessThanOrEqual(MOST)
      await expectState(all, change, project)
      await revised(tasks, before)
      expect((await read(separate)).deleted_at, 'what was in the trash stays there').toBe(
        deleted_at,
      )
      await expectSound()
    },
  )

  test.each(each)(
    '$kind: cut off after any batch, it shows as running and is finished later',
    async (change) => {
      for (const batches of [1, 2, 4, 6]) {
        const { root, all } = await makeTree()
        const project = await makeProject(`P${batches}`)
        if (change === restore) await remove.act(root, project)
        const [before, tasks] = [await seqs(), await readAll(all)]
        chunked.cutOffAfter(batches)
        expect((await change.act(root, project)).status).toBe(503)
        chunked.cutOffAfter(Number.POSITIVE_INFINITY)
        expect(await running()).toMatchObject([{ kind: change.kind, id: root.id }])
        await chunked.finish()
        await expectState(all, change, project)
        await revised(tasks, before)
        await expectSound()
      }
    },
  )

  test('two who finish the same operation do each chunk once', async () => {
    const { root, all } = await makeTree()
    chunked.cutOffAfter(2)
    await remove.act(root, '')
    chunked.cutOffAfter(Number.POSITIVE_INFINITY)
    const before = await seqs()
    await Promise.all([chunked.finish(), chunked.finish()])
    await expectState(all, remove, '')
    const last = Math.max(...(await seqs()).values())
    await chunked.finish()
    expect(Math.max(...(await seqs()).values())).toBe(last)
    expect(last).toBeGreaterThan(Math.max(...before.values()))
  })

  test('what is made below a tree that is being trashed goes along or is refused', async () => {
    const { root, children, grandchildren } = await makeTree()
    const parents = [children[0], children.at(-1), grandchildren[0]] as Task[]
    const made: Task[] = []
    const statuses: number[] = []
    chunked.before(2, async () => {
      for (const { id } of parents) {
        const { status, body } = await user.post('/api/v1/tasks', { title: 'late', parent_id: id })
        statuses.push(status)
        if (status === 201) made.push(body)
      }
    })
    expect((await remove.act(root, '')).status).toBe(204)
    expect(statuses.toSorted()).toEqual([201, 201, 422])
    await expectSound()
    for (const task of await readAll(made)) expect(task.deleted_at).not.toBeNull()
  })

  test('what is moved out of a tree that is being trashed stays', async () => {
    const { root, children } = await makeTree()
    const last = children.at(-1) as Task
    chunked.before(1, async () => {
      expect((await user.patch(`/api/v1/tasks/${last.id}`, { parent_id: null })).status).toBe(200)
    })
    expect((await remove.act(root, '')).status).toBe(204)
    expect(await read(last)).toMatchObject({ deleted_at: null, parent_id: null })
    await expectSound()
  })

  test('what is made in a tree that is being moved comes along', async () => {
    const { root, children } = await makeTree()
    const project = await makeProject('P')
    const made: Task[] = []
    chunked.before(2, async () => {
      for (const parent of [children[0], children.at(-1)] as Task[])
        made.push(await make({ parent_id: parent.id }))
    })
    expect((await move.act(root, project)).status).toBe(200)
    expect((await readAll(made)).map(({ project_id }) => project_id)).toEqual([project, project])
    await expectSound()
  })

  test('a restore that comes while its tree is being trashed waits, and brings all of it back', async () => {
    const { root, all } = await makeTree()
    const removed = remove.act(root, '')
    let restored: Promise<{ status: number }> | undefined
    chunked.before(1, async () => {
      restored = restore.act(root, '')
    })
    expect((await removed).status).toBe(204)
    expect((await restored)?.status).toBe(200)
    await expectState(all, restore, '')
    await expectSound()
  })

  test('a part with tasks below it waits for the whole, and its own change is complete', async () => {
    const { root, children } = await makeTree()
    const part = children[0] as Task
    const parts = [part, ...(await below(part, 1))]
    await remove.act(root, '')
    let again: Promise<{ status: number }> | undefined
    chunked.before(2, async () => {
      again = user.delete(`/api/v1/tasks/${part.id}`)
    })
    expect((await restore.act(root, '')).status).toBe(200)
    expect((await again)?.status).toBe(204)
    await restore.act(part, '')
    await expectState(parts, restore, '')
    await expectSound()
  })

  test('a project is deleted while a tree moves out of it', async () => {
    const from = await makeProject('From')
    const { root, all } = await makeTree({ project_id: from })
    const to = await makeProject('To')
    let deleted: Promise<{ status: number }> | undefined
    chunked.before(2, async () => {
      deleted = user.delete(`/api/v1/projects/${from}`)
    })
    expect((await move.act(root, to)).status).toBe(200)
    expect((await deleted)?.status).toBe(204)
    await expectState(all, move, to)
    await expectSound()
  })

  test('a large tree goes below another task where there is room, and never below itself', async () => {
    const { root, grandchildren } = await makeTree()
    const line = [await make({})]
    for (let i = 0; i < 6; i++) line.push(...(await below(line.at(-1) as Task, 1)))
    const under = (parent: Task) => user.patch(`/api/v1/tasks/${root.id}`, { parent_id: parent.id })
    expect(await under(line[6] as Task)).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'too_deep' }] },
    })
    expect(await under(grandchildren[0] as Task)).toMatchObject({
      status: 422,
      body: { errors: [{ code: 'cycle' }] },
    })
    expect((await under(line[5] as Task)).status).toBe(200)
    await expectSound()
  })

  test('to find how deep a large tree is counts against the limit of its owner, page by page', async () => {
    const { root } = await makeTree()
    const ctx = onBehalfOf({ ...world.deps, quotas: world.deps.config.quotas }, user.id)
    let points = 0
    let reads = 0
    const all: typeof ctx.db.all = (...asked) => {
      reads++
      return ctx.db.all(...asked)
    }
    const charge = (more: number) => {
      points += more
    }
    expect(await levelsOf({ ...ctx, db: { ...ctx.db, all }, charge }, root.id)).toBe(4)
    expect(reads).toBeGreaterThan(2)
    expect(points).toBeCloseTo(reads * 0.2)
  })
})
