// Fills a database file the way that years of use would: the people register through the app, their tasks are written by its stores.
import { createApp } from '../src/app.ts'
import { parseConfig } from '../src/config.ts'
import { logChange } from '../src/core/changes.ts'
import type { Ctx } from '../src/core/context.ts'
import { createIds } from '../src/core/ids.ts'
import { silent } from '../src/core/log.ts'
import { newestPosition } from '../src/core/position.ts'
import type { WallTime } from '../src/core/wall-clock.ts'
import { openFile } from '../src/db/open/file.ts'
import { rawQuery, type Statement, type Write } from '../src/db/statement.ts'
import { createDeps } from '../src/deps.ts'
import { newLabel } from '../src/features/labels/create.ts'
import { insertLabel } from '../src/features/labels/store.ts'
import { insertProject } from '../src/features/projects/store.ts'
import { priorities, statuses, type Task } from '../src/features/tasks/schemas.ts'
import { insertTask, linkLabel } from '../src/features/tasks/store.ts'
import { newUserWrites, onBehalfOf } from '../src/identity/users.ts'
import { readMigrations } from '../src/runtimes/node/migrations.ts'
import { pick, randomOf } from './random.ts'

/** Who can sign in afterwards, with how many tasks, and how many tasks of others (1,000 each) are in the file besides. */
export type Seed = { readonly people: Readonly<Record<string, number>>; readonly others?: number }

export const PASSWORD = 'a heron on the pier'
export const emailOf = (name: string): string => `${name}@example.org`

const OTHERS_TASKS = 1_000
const MINUTE = 60_000
const BATCH = 5_000
export const LABELS = ['home', 'work', 'errand', 'calls', 'garden', 'reading', 'someday', 'waiting'] as const
const WORDS =
  'sweep the chimney call plumber about boiler write report for board buy salt and candles read draft send invoice fix gate'.split(' ')

type Owner = { readonly ctx: Ctx; readonly projects: readonly string[]; readonly labels: ReadonlyMap<string, string> }

/** Makes the database file at `path`. */
export const seed = async (path: string, { people, others = 0 }: Seed): Promise<void> => {
  const random = randomOf(7)
  const counts = [...Object.values(people), ...Array.from({ length: Math.ceil(others / OTHERS_TASKS) }, () => OTHERS_TASKS)]
  const total = counts.reduce((sum, count) => sum + count, 0)
  // The last task was made a minute ago, the others one a minute before.
  let at = Date.now() - (total + counts.length) * MINUTE
  const clock = { now: () => at }
  const ids = createIds(clock)
  const config = parseConfig({ RATE_LIMIT: 'off' })
  const db = openFile(path)
  const migrations = readMigrations('sqlite')
  await db.migrate(migrations)
  const app = createApp(await createDeps(config, { db, migrations }))
  const bare = { db, clock, ids, log: silent, quotas: config.quotas }

  const registered = await Promise.all(
    Object.keys(people).map(async (name) => {
      const body = JSON.stringify({ email: emailOf(name), password: PASSWORD })
      const response = await app.request('/api/v1/auth/register', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
      if (!response.ok) throw new Error(`registering ${name}: ${response.status} ${await response.text()}`)
      return ((await response.json()) as { user: { id: string } }).user.id
    }),
  )
  const owners: Owner[] = []
  for (const [index] of counts.entries()) {
    at += MINUTE
    const id = registered[index] ?? ids.next()
    const ctx = onBehalfOf(bare, id)
    const user = { issuer: 'others', subject: id, email: null, emailShown: null, passwordHash: null, name: '', timeZone: 'UTC' }
    const { owner, writes } = furnish(ctx)
    await db.atomic([...(registered[index] ? [] : newUserWrites(ctx, user)), ...writes])
    owners.push(owner)
  }

  const indexes = await db.all(indexesOf)
  await db.atomic(indexes.map(({ name }) => plainWrite(`drop index ${name}`)))
  // In the order of time, not user by user: in life, too, a user's rows lie scattered among those of all others.
  let writes: Write[] = []
  for (const index of shuffled(random, counts)) {
    at += MINUTE
    writes.push(...taskWrites(owners[index] as Owner, random, at))
    if (writes.length < BATCH) continue
    await db.atomic(writes)
    writes = []
  }
  await db.atomic([...writes, ...logTasks])
  // One at a time, and after the rows: a million entries sorted are written in a tenth of the time of as many inserted.
  for (const { sql } of indexes) await db.atomic([plainWrite(sql)])
  await db.atomic(recount)
  await db.close()
}

/** For each task, in their order, the index of its owner. */
const shuffled = (random: () => number, counts: readonly number[]): Uint16Array => {
  const order = new Uint16Array(counts.reduce((sum, count) => sum + count, 0))
  let next = 0
  for (const [index, count] of counts.entries()) next = order.fill(index, next, next + count) && next + count
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j] as number, order[i] as number]
  }
  return order
}

const furnish = (ctx: Ctx): { owner: Owner; writes: Write[] } => {
  const labels = LABELS.map((name) => newLabel(ctx, name, null))
  const projects = ['House', 'Work', 'Club', 'Someday'].map((name) => projectNamed(ctx, name))
  const made = [...labels.map((label) => insertLabel(ctx, label)), ...projects.map((project) => insertProject(ctx, project))]
  const logged = [...labels.map(({ id }) => logChange(ctx, 'label', id)), ...projects.map(({ id }) => logChange(ctx, 'project', id))]
  const owner = { ctx, projects: projects.map(({ id }) => id), labels: new Map(labels.map(({ name, id }) => [name, id])) }
  return { owner, writes: [...made, ...logged] }
}

const projectNamed = (ctx: Ctx, name: string) => {
  const id = ctx.ids.next()
  const at = new Date(ctx.clock.now()).toISOString()
  return {
    id,
    name,
    color: null,
    archived: false,
    position: newestPosition(id),
    inbox: false,
    created_at: at,
    updated_at: at,
    rev: ctx.ids.next(),
  }
}

const taskWrites = ({ ctx, projects, labels }: Owner, random: () => number, at: number): Write[] => {
  const id = ctx.ids.next()
  const createdAt = new Date(at).toISOString()
  const status = random() < 0.6 ? 'pending' : pick(random, statuses)
  const names = LABELS.filter(() => random() < 0.15)
  const task: Task = {
    id,
    project_id: pick(random, projects),
    parent_id: null,
    title: wordsOf(random, 3 + Math.floor(random() * 5)),
    description: random() < 0.5 ? '' : `Ask for the *certificate*: ${wordsOf(random, 10 + Math.floor(random() * 40))}.`,
    status,
    priority: random() < 0.5 ? 'none' : pick(random, priorities),
    start: null,
    due: dueOf(random, at),
    labels: names,
    position: newestPosition(id),
    created_by: ctx.actor.userId,
    created_at: createdAt,
    updated_at: createdAt,
    completed_at: status === 'completed' ? createdAt : null,
    deleted_at: null,
    rev: ctx.ids.next(),
  }
  return [insertTask(ctx, task), ...names.map((name) => linkLabel(ctx, id, labels.get(name) as string))]
}

const wordsOf = (random: () => number, count: number): string => Array.from({ length: count }, () => pick(random, WORDS)).join(' ')

/** Half have none; the others a day, a time of day, or a time in a zone. */
const dueOf = (random: () => number, at: number): WallTime | null => {
  const kind = random()
  const day = new Date(at + Math.floor(random() * 30) * 1440 * MINUTE).toISOString().slice(0, 10)
  if (kind < 0.5) return null
  if (kind < 0.75) return { date: day }
  return kind < 0.9 ? { datetime: `${day}T09:30:00` } : { datetime: `${day}T17:00:00`, time_zone: 'Europe/Berlin' }
}

const plainWrite = (text: string): Write => ({ statement: { text, bind: () => [] } satisfies Statement, values: {} })
const indexesOf = rawQuery<{ name: string; sql: string }>(
  "select name, sql from sqlite_master where type = 'index' and sql is not null and tbl_name in ('tasks', 'task_labels', 'changes')",
  ['name', 'sql'],
)
/** The change log's entries of all tasks, in the order of its key. */
const logTasks = [
  plainWrite(`insert into changes (reader_id, entity_id, entity, seq, gone, changed_at)
    select owner_id, id, 'task', 1, 0, updated_at from tasks order by owner_id, id`),
]
/** What the rows above amount to, in their owners' counters. */
const recount = [
  plainWrite('update users set task_count = (select count(*) from tasks where owner_id = users.id)'),
  plainWrite('update users set project_count = (select count(*) from projects where owner_id = users.id)'),
  plainWrite('update users set label_count = (select count(*) from labels where owner_id = users.id)'),
]
