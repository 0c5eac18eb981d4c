// How much of a file is kept: rows are what is limited, and not what belongs to them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { imported } from '../features/imports/harness.ts'
import { isSmall } from '../support/size.ts'
import { createWorld, type World } from '../support/world.ts'

const MOST_ROWS = 100_000
const uuid = (n: number) => `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`
const id = (n: number) => `0199c2f4-0000-7000-8000-${String(n).padStart(12, '0')}`
const listOf = <T>(length: number, one: (n: number) => T): T[] =>
  Array.from({ length }, (_, n) => one(n))

// They are too large for a small run, which has the limits in `test/features/imports/room.test.ts`.
describe.skipIf(isSmall)('large files', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ env: { QUOTA_TASKS: String(2 * MOST_ROWS) } })
  })
  afterAll(() => world.close())

  const dryRun = async (file: string, format: string) =>
    imported(world, await world.register(format), file, { query: { format, dry_run: 'true' } })

  test('what belongs to tasks takes no room from them', async () => {
    const entry = '20261101T080000Z'
    const annotations = ['a', 'b', 'c'].map((description) => ({ entry, description }))
    const tasks = listOf(30_000, (n) => ({
      uuid: uuid(n),
      description: `T${n}`,
      status: 'pending',
      annotations,
    }))
    const done = await dryRun(JSON.stringify(tasks), 'taskwarrior')
    expect(done).toMatchObject({ status: 'done', counts: { rows: 30_000 }, report: [] })
  })

  test('our own files keep their projects, also where there are too many tasks', async () => {
    const project = id(MOST_ROWS + 1)
    const tasks = listOf(MOST_ROWS + 1, (n) => ({ id: id(n), title: `T${n}`, project_id: project }))
    const projects = [{ id: project, name: 'House' }]
    const counts = { tasks: tasks.length, projects: 1 }
    const file = { format: 'taskport', version: 1, tasks, projects, end: counts }
    const done = await dryRun(JSON.stringify(file), 'json')
    expect(done).toMatchObject({
      status: 'done',
      counts: { rows: MOST_ROWS, created: MOST_ROWS, projects: 1 },
    })
    expect(done.report.map(({ code }) => code)).toEqual(['too_many'])
  })
})
