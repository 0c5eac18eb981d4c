// The plans of the queries, as each database explains them, with 100,000 tasks in it: every one
// begins with an index.
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Database, DialectName } from '../../src/db/database.ts'
import type { Query } from '../../src/db/statement.ts'
import { describeEachDialect, openDefault } from '../support/databases.ts'
import { type Read, type Recording, recorded } from '../support/recording.ts'
import { seedTasks } from '../support/seed.ts'
import { createWorld, type User, type World } from '../support/world.ts'

const explain: Record<DialectName, string> = {
  sqlite: 'explain query plan',
  postgres: 'explain (format json)',
  mysql: 'explain format=json',
}
/**
 * Tables that grow with their users; a scan of one of these is what must not be. Planners that look
 * at sizes rightly scan small ones.
 */
const growing: Record<DialectName, readonly string[]> = {
  sqlite: [
    'tasks',
    'task_labels',
    'users',
    'sessions',
    'refresh_tokens',
    'identities',
    'sign_in_codes',
    'api_keys',
    'receipts',
    'changes',
  ],
  postgres: ['tasks'],
  mysql: ['tasks'],
}

type Node = { [key: string]: unknown }
const nodesOf = (value: unknown): Node[] =>
  typeof value !== 'object' || value === null
    ? []
    : [...(Array.isArray(value) ? [] : [value as Node]), ...Object.values(value).flatMap(nodesOf)]

/** The growing tables that a plan reads from end to end. */
const scans: Record<DialectName, (plan: unknown[][]) => string[]> = {
  sqlite: (plan) => plan.flatMap((row) => /^SCAN (\w+)/.exec(String(row[3]))?.[1] ?? []),
  postgres: (plan) =>
    nodesOf(plan[0]?.[0] && parsed(plan[0][0])).flatMap((node) =>
      node['Node Type'] === 'Seq Scan' ? [String(node['Relation Name'])] : [],
    ),
  mysql: (plan) =>
    nodesOf(parsed(plan[0]?.[0])).flatMap((node) =>
      node['access_type'] === 'ALL' ? [String(node['table_name'])] : [],
    ),
}
const parsed = (value: unknown): unknown => (typeof value === 'string' ? JSON.parse(value) : value)

const plan = (db: Database, { text, params }: Read): Promise<unknown[][]> => {
  const query: Query<unknown[]> = {
    text: `${explain[db.dialect.name]} ${text}`,
    bind: () => params,
    row: (cells) => [...cells],
  }
  return db.all(query)
}

describeEachDialect('plans', (open) => {
  let world: World
  let ann: User
  let db: Database
  let take: () => Recording
  beforeAll(async () => {
    const opened = await open()
    db = opened.db
    const recording = recorded(db)
    take = recording.take
    world = await createWorld({ open: async () => ({ ...opened, db: recording.db }) })
    ann = await world.register('Ann')
    await seedTasks(db, 100_000)
  })
  afterAll(() => world.close())

  test('no list and no lookup reads a growing table from end to end', async () => {
    const { body: task } = await ann.post('/api/v1/tasks', {
      title: 'Mine',
      labels: ['home'],
      due: { date: '2026-12-01' },
    })
    for (let i = 0; i < 5; i++)
      await ann.post('/api/v1/tasks', { title: `Other ${i}`, due: { date: '2026-12-02' } })
    take()
    const filters = [
      '',
      `project_id=${task.project_id}`,
      'status=pending&priority=none',
      'label=home',
      `parent_id=${task.id}`,
      'parent_id=none',
      'overdue=true',
      'due_before=2027-01-01',
      'updated_since=2020-01-01T00:00:00Z',
      'q=mine',
      'deleted=true',
    ]
    const paths = filters.flatMap((filter) =>
      [
        'created_at',
        '-created_at',
        'updated_at',
        '-due',
        'due',
        'position',
        'priority',
        'title',
      ].map((sort) => `/api/v1/tasks?limit=2&sort=${sort}&${filter}`),
    )
    for (const path of paths) {
      const page = await ann.get(path)
      if (page.body.next_cursor) await ann.get(`${path}&cursor=${page.body.next_cursor}`)
    }
    for (const path of [
      `/tasks/${task.id}`,
      '/projects',
      `/projects/${task.project_id}`,
      '/labels',
      '/api-keys',
      '/auth/sessions',
      '/me',
    ])
      await ann.get(`/api/v1${path}`)
    await ann.post(
      '/api/v1/tasks',
      { title: 'Below', parent_id: task.id },
      { 'Idempotency-Key': 'k' },
    )
    await ann.post(`/api/v1/tasks/${task.id}/move`, { before: task.id })
    const { reads } = take()
    expect(reads.length).toBeGreaterThan(150)
    const bad = new Map<string, unknown>()
    for (const read of new Map(reads.map((r) => [r.text, r])).values()) {
      const rows = await plan(db, read)
      const found = scans[db.dialect.name](rows).filter((table) =>
        growing[db.dialect.name].includes(table),
      )
      if (found.length > 0) bad.set(read.text, rows)
    }
    expect([...bad]).toEqual([])
  })
})

// Other planners weigh what to do by what is in the tables.
test('sorting by what has no index of its own reads an index, and whole rows for the page only', async () => {
  const { db: plain, close } = await openDefault()
  const { db, take } = recorded(plain)
  const world = await createWorld({ open: async () => ({ db, close }) })
  onTestFinished(() => world.close())
  const ann = await world.register('Ann')
  await ann.get('/api/v1/tasks?sort=title') // how many tasks she has is read once in a while
  take()
  for (const sort of ['priority', '-priority', 'title', '-title', 'position', '-position'])
    for (const filter of ['', '&status=pending', '&priority=high'])
      await ann.get(`/api/v1/tasks?sort=${sort}${filter}`)
  const plans = await Promise.all(take().reads.map((read) => plan(db, read)))
  expect(plans).toHaveLength(18)
  for (const rows of plans) {
    const steps = rows.map((row) => String(row[3]))
    expect(steps.filter((step) => /^SEARCH tasks /.test(step)).sort()).toEqual([
      'SEARCH tasks USING COVERING INDEX tasks_owner_all (owner_id=? AND trashed=?)',
      'SEARCH tasks USING INDEX sqlite_autoindex_tasks_1 (id=?)',
    ])
  }
})
