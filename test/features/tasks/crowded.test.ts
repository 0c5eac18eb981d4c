// Many tasks wait for what is below one: no batch changes more of them than a chunk has rows.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const ROWS = 6
const tasks = '/api/v1/tasks'

describeEachDatabase('tasks that many wait for', (open) => {
  let world: World
  let ann: User
  let users = 0
  /** Tasks that one batch has settled, at most. */
  let most = 0
  beforeAll(async () => {
    world = await createWorld({
      open: async () => {
        const opened = await open()
        const { db } = opened
        const atomic: typeof db.atomic = (writes, options) => {
          const settled = writes.flatMap(({ statement: { text }, values }) => {
            // Those that are settled, or freed of a blocker that is gone for good.
            const named = text.includes('as held') ? /^id\d+$/ : /^task\d+$/
            return text.startsWith('update') || text.includes('as held')
              ? Object.entries(values).flatMap(([name, id]) => (named.test(name) ? [id] : []))
              : []
          })
          most = Math.max(most, new Set(settled).size)
          return db.atomic(writes, options)
        }
        return { ...opened, db: { ...db, atomic } }
      },
      bulk: { rows: ROWS },
      env: { RATE_LIMIT: 'off' },
    })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    ann = await world.register(`Ann${users++}`)
  })

  const make = async (fields: object = {}): Promise<string> =>
    (await ann.post(tasks, { title: 'Task', ...fields })).body.id
  const read = async (id: string) => (await ann.get(`${tasks}/${id}`)).body
  /** Four tasks wait for each of these. */
  const crowd = async (blockers: readonly string[]): Promise<string[]> => {
    const waiting: string[] = []
    for (const blocker of blockers)
      for (let i = 0; i < 4; i++) waiting.push(await make({ blocked_by: [blocker] }))
    most = 0
    return waiting
  }
  const expectBlocked = async (waiting: readonly string[], blocked: boolean) => {
    const found = await Promise.all(waiting.map(read))
    expect(found.map((task) => task.blocked)).toEqual(waiting.map(() => blocked))
    expect(most).toBeLessThanOrEqual(ROWS)
  }

  test.each([3, 9])(
    'when it is completed, reopened, trashed and restored (%s below)',
    async (n) => {
      const root = await make()
      const below: string[] = []
      for (let i = 0; i < n; i++) below.push(await make({ parent_id: root }))
      const waiting = await crowd(below)
      const act = async (verb: string) => {
        const { status, body, headers } = await ann.post(`${tasks}/${root}/${verb}`)
        expect([status, body]).toEqual([200, await read(root)])
        expect(headers.get('ETag')).toBe(`"${body.rev}"`)
        return body.progress
      }
      expect(await act('complete')).toEqual({ completed: n, total: n })
      await expectBlocked(waiting, false)
      expect(await act('reopen')).toEqual({ completed: 0, total: n })
      await expectBlocked(waiting, true)
      expect((await ann.delete(`${tasks}/${root}`)).status).toBe(204)
      await expectBlocked(waiting, false)
      expect(await act('restore')).toEqual({ completed: 0, total: n })
      await expectBlocked(waiting, true)
      expect((await ann.get('/api/v1/me')).body.running).toEqual([])
    },
  )

  test.each([3, 9])('when it is deleted for good (%s below)', async (n) => {
    const root = await make()
    const below: string[] = []
    for (let i = 0; i < n; i++) below.push(await make({ parent_id: root }))
    const waiting = await crowd(below)
    await ann.delete(`${tasks}/${root}`)
    most = 0
    expect((await ann.delete(`${tasks}/${root}?permanent=true`)).status).toBe(204)
    expect(most).toBeGreaterThan(0)
    await expectBlocked(waiting, false)
    for (const id of waiting) expect((await read(id)).blocked_by).toEqual([])
    expect((await ann.get('/api/v1/me')).body.running).toEqual([])
  })

  test('when their project is deleted', async () => {
    const { body: project } = await ann.post('/api/v1/projects', { name: 'House' })
    const blockers: string[] = []
    for (let i = 0; i < 3; i++) blockers.push(await make({ project_id: project.id }))
    const waiting = await crowd(blockers)
    expect((await ann.delete(`/api/v1/projects/${project.id}`)).status).toBe(204)
    await expectBlocked(waiting, false)
  })
})
