// What an answer says of a task is what the task is: its revision, and whether it is blocked, also
// where tasks below it are among those that it waits for.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { pick, randomOf } from '../../../bench/data/random.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { seedFrom } from '../../support/size.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const tasks = '/api/v1/tasks'
type Answer = Awaited<ReturnType<User['get']>>

describeEachDatabase('answers of changes', (open) => {
  let world: World
  let ann: User
  let users = 0
  beforeAll(async () => {
    world = await createWorld({ open, bulk: { rows: 6 }, env: { RATE_LIMIT: 'off' } })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    ann = await world.register(`Ann${users++}`)
  })

  const make = async (fields: object = {}): Promise<string> => {
    const { body, status, text } = await ann.post(tasks, { title: 'Task', ...fields })
    expect(status, text).toBe(201)
    return body.id
  }
  const read = (id: string) => ann.get(`${tasks}/${id}`)
  /** The task of the answer, which is what GET says then. */
  const settled = async ({ status, body, headers, text }: Answer, said = '') => {
    expect(status, `${said} ${text}`).toBeLessThan(300)
    const now = await read(body.id)
    expect(body, said).toEqual(now.body)
    expect(headers.get('ETag'), said).toBe(now.headers.get('ETag'))
    return body
  }
  const act = (id: string, verb: string) => ann.post(`${tasks}/${id}/${verb}`)

  /** A task that waits for some of what is below it, and so many more below it. */
  const family = async (more: number, fields: object = {}) => {
    const root = await make(fields)
    const child = await make({ parent_id: root })
    const grandchild = await make({ parent_id: child })
    for (let i = 0; i < more; i++) await make({ parent_id: child })
    const blocked_by = [child, grandchild].sort()
    await settled(await ann.patch(`${tasks}/${root}`, { blocked_by }))
    return { root, child, grandchild, blocked_by }
  }

  test.each([0, 9])('of a task that waits for its own subtask (%s more below)', async (more) => {
    const { root, child, grandchild } = await family(more)
    expect(await settled(await act(root, 'complete'))).toMatchObject({ blocked: false })
    expect(await settled(await act(root, 'reopen'))).toMatchObject({ blocked: true })
    await act(grandchild, 'complete')
    await ann.delete(`${tasks}/${root}`)
    expect((await read(root)).body.blocked).toBe(false)
    expect(await settled(await act(root, 'restore'))).toMatchObject({ blocked: true })
    await act(child, 'complete')
    expect((await read(root)).body.blocked).toBe(false)
    for (const status of ['completed', 'pending', 'completed'])
      await settled(await ann.patch(`${tasks}/${root}`, { status }))
  })

  test('of one that is made to wait and completed in one request', async () => {
    const { root, child } = await family(0)
    await ann.patch(`${tasks}/${root}`, { blocked_by: [] })
    const patch = { blocked_by: [child], status: 'completed' }
    const done = await settled(await ann.patch(`${tasks}/${root}`, patch))
    expect(done).toMatchObject({ blocked: false, blocked_by: [child] })
    const opened = await settled(
      await ann.put(
        `${tasks}/${root}`,
        { ...done, status: 'pending', completed_at: undefined, progress: undefined },
        { 'If-Match': `"${done.rev}"` },
      ),
    )
    expect(opened).toMatchObject({ blocked: true })
    expect(await settled(await ann.patch(`${tasks}/${root}`, { blocked_by: [] }))).toMatchObject({
      blocked: false,
    })
  })

  test.each([0, 9])('of one that recurs (%s more below)', async (more) => {
    const { root, child } = await family(more, {
      due: { date: '2026-11-23' },
      recurrence: { rule: 'FREQ=DAILY;COUNT=3', missed: 'keep' },
    })
    await act(child, 'complete')
    for (const verb of ['complete', 'reopen', 'skip', 'reopen', 'complete', 'complete', 'complete'])
      await settled(await act(root, verb), verb)
    for (let undone = 0; undone < 3; undone++) await settled(await act(root, 'reopen'), 'reopen')
  })

  test('in any order', async () => {
    const seed = seedFrom('SEED')
    const random = randomOf(seed)
    const done: string[] = []
    const small = await family(2)
    const large = await family(6)
    const recurring = await family(1, {
      due: { date: '2026-11-23' },
      recurrence: { rule: 'FREQ=DAILY', missed: 'keep' },
    })
    const all = [small, large, recurring].flatMap((one) => [one.root, one.child, one.grandchild])
    const answered = async (name: string, id: string): Promise<Answer | undefined> => {
      const at = `${tasks}/${id}`
      const batch = async (operation: string) => {
        const operations = [{ operation, params: { id } }]
        await ann.post('/api/v1/batch', { operations })
        return undefined
      }
      switch (name) {
        case 'complete':
        case 'reopen':
        case 'restore':
          return act(id, name)
        case 'skip':
          return id === recurring.root ? act(id, 'skip') : undefined
        case 'delete':
          return void (await ann.delete(at))
        case 'cancel':
          return ann.patch(at, { status: 'cancelled' })
        case 'wait':
          return ann.patch(at, { blocked_by: [pick(random, all)] })
        case 'wait and complete':
          return ann.patch(at, { blocked_by: [pick(random, all)], status: 'completed' })
        case 'bulk':
          await ann.post(`${tasks}/bulk`, {
            filter: { parent: [id] },
            change: { action: pick(random, ['complete', 'reopen']) },
          })
          return undefined
        default:
          return batch(pick(random, ['completeTask', 'reopenTask', 'deleteTask', 'restoreTask']))
      }
    }
    const names = ['complete', 'reopen', 'restore', 'skip', 'delete', 'cancel', 'wait', 'bulk']
    for (let step = 0; step < 60; step++) {
      const [name, id] = [pick(random, [...names, 'wait and complete', 'batch']), pick(random, all)]
      done.push(`${name} ${all.indexOf(id)}`)
      const answer = await answered(name, id)
      const said = `SEED=${seed}: ${done.join(', ')}`
      if (answer && answer.status < 300) await settled(answer, said)
      else if (answer) expect([409, 422], `${said} ${answer.text}`).toContain(answer.status)
      for (const root of [small, large, recurring].map((one) => one.root)) {
        const { body } = await read(root)
        const blockers = await Promise.all(body.blocked_by.map(read))
        const isOpen = ({ body: { status, deleted_at } }: Answer) =>
          deleted_at === null && (status === 'pending' || status === 'in_progress')
        expect(body.blocked, said).toBe(blockers.some(isOpen))
      }
    }
  })
})
