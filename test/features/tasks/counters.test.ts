// Counters and states that follow from other tasks, where several features meet.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

type Task = { id: string; rev: string; status: string; progress: object | null }

describeEachDatabase('what follows from subtasks', (open) => {
  let world: World
  let ann: User
  let users = 0
  beforeAll(async () => {
    world = await createWorld({ open, env: { RATE_LIMIT: 'off' } })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    ann = await world.register(`Ann${users++}`)
  })

  const make = async (fields: object = {}): Promise<Task> =>
    (await ann.post('/api/v1/tasks', { title: 'Task', ...fields })).body
  const read = async ({ id }: { id: string }): Promise<Task> =>
    (await ann.get(`/api/v1/tasks/${id}`)).body
  const act = (task: { id: string }, verb: string) => ann.post(`/api/v1/tasks/${task.id}/${verb}`)

  test('a subtask that went to the trash since is not reopened, nor counted', async () => {
    const root = await make()
    const [kept, gone] = [await make({ parent_id: root.id }), await make({ parent_id: root.id })]
    await act(root, 'complete')
    await ann.delete(`/api/v1/tasks/${gone.id}`)
    expect((await act(root, 'reopen')).body.progress).toEqual({ completed: 0, total: 1 })
    expect([(await read(kept)).status, (await read(gone)).status]).toEqual(['pending', 'completed'])
    await act(gone, 'restore')
    expect((await read(root)).progress).toEqual({ completed: 1, total: 2 })
  })

  test('a parent that is older than its own parent counts each subtask once', async () => {
    const older = await make()
    const root = await make()
    const group = await make({ parent_id: root.id })
    await ann.post(`/api/v1/tasks/${older.id}/move`, { parent_id: group.id })
    await make({ parent_id: older.id })
    await act(older, 'complete')
    await make({ parent_id: group.id })
    await make({ parent_id: older.id })
    await act(root, 'complete')
    expect([(await read(group)).progress, (await read(older)).progress]).toEqual([
      { completed: 2, total: 2 },
      { completed: 2, total: 2 },
    ])
    await act(root, 'reopen')
    expect([(await read(group)).progress, (await read(older)).progress]).toEqual([
      { completed: 1, total: 2 },
      { completed: 1, total: 2 },
    ])
  })

  test('in a batch a move with a status is done whole; what is refused is not done', async () => {
    const { body: project } = await ann.post('/api/v1/projects', { name: 'House' })
    const [one, two] = [await make(), await make()]
    const { body } = await ann.post('/api/v1/batch', {
      operations: [
        { operation: 'updateTask', params: { id: two.id, body: { title: 'Two' } } },
        {
          operation: 'updateTask',
          params: { id: one.id, body: { project_id: project.id, status: 'completed' } },
        },
        { operation: 'getTask', params: { id: `a${'\u{1F600}'.repeat(50)}` } },
        { operation: 'getTask', params: { id: '\ud800' } },
      ],
    })
    expect(body.results.map(({ status }: { status: number }) => status)).toEqual([
      200, 200, 404, 404,
    ])
    expect(await read(one)).toMatchObject({ project_id: project.id, status: 'completed' })
  })

  test('a change of many tasks completes what is far below one, and reopens it', async () => {
    const root = await make({ priority: 'urgent' })
    const operations = Array.from({ length: 260 }, () => ({
      operation: 'createTask',
      params: { body: { title: 'Leaf', parent_id: root.id } },
    }))
    await ann.post('/api/v1/batch', { operations })
    for (const [action, completed] of [
      ['complete', 260],
      ['reopen', 0],
    ] as const) {
      const { status, body } = await ann.post('/api/v1/tasks/bulk', {
        filter: { priority: ['urgent'] },
        change: { action },
      })
      expect([status, body.changed, body.done]).toEqual([200, 1, true])
      expect((await read(root)).progress).toEqual({ completed, total: 260 })
    }
    expect((await ann.get('/api/v1/me')).body.running).toEqual([])
  })
})
