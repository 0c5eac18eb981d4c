// Fills a database file the way that years of use would: the people register through the app, their
// tasks are written by its stores.
import { createApp } from '../src/app.ts'
import { parseConfig } from '../src/config.ts'
import { logChange } from '../src/core/change-log.ts'
import { type Ctx, now, onBehalfOf } from '../src/core/context.ts'
import { createIds } from '../src/core/ids.ts'
import { silent } from '../src/core/log.ts'
import { accountIdOf, actorIdOf } from '../src/core/parties.ts'
import { newestPosition } from '../src/core/position.ts'
import { recountBytes } from '../src/core/stored-bytes.ts'
import { openFile } from '../src/db/open/file.ts'
import { rawQuery, type Statement, type Write } from '../src/db/statement.ts'
import { createDeps } from '../src/deps.ts'
import { newUserWrites } from '../src/features/account/users.ts'
import { newLabel } from '../src/features/labels/create.ts'
import { insertLabel } from '../src/features/labels/store.ts'
import { insertProject } from '../src/features/projects/store.ts'
import { type Task, taskDefaults } from '../src/features/tasks/schemas.ts'
import { insertTask, linkLabel } from '../src/features/tasks/store.ts'
import { readMigrations } from '../src/runtimes/node/migrations.ts'
import { emailOf, PASSWORD } from './data/http.ts'
import { pick, randomOf } from './data/random.ts'
import { LABELS, randomTask } from './data/task.ts'

export { emailOf, PASSWORD }

/**
 * Who can sign in afterwards, with how many tasks; how many tasks of others are in the file
 * besides, and of how many others.
 */
export type Seed = {
  readonly people: Readonly<Record<string, number>>
  readonly others?: number
  readonly users?: number
}

const MINUTE = 60_000
const BATCH = 5_000
const SAY_EVERY = 100_000

type Owner = { readonly ctx: Ctx; readonly projects: readonly string[] }

/** Makes the database file at `path`. */
export const seed = async (
  path: string,
  { people, others = 0, users = Math.ceil(others / 1_000) }: Seed,
): Promise<void> => {
  const random = randomOf(7)
  const counts = [...Object.values(people), ...shares(others, users)]
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

  const registered: string[] = []
  for (const name of Object.keys(people)) {
    const body = JSON.stringify({ email: emailOf(name), password: PASSWORD })
    const response = await app.request('/api/v1/auth/register', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    })
    if (!response.ok)
      throw new Error(`registering ${name}: ${response.status} ${await response.text()}`)
    registered.push(((await response.json()) as { user: { id: string } }).user.id)
  }
  const owners: Owner[] = []
  for (const [index] of counts.entries()) {
    at += MINUTE
    const id = registered[index] ?? ids.next()
    const ctx = onBehalfOf(bare, id)
    const user = {
      issuer: 'others',
      subject: id,
      email: null,
      emailShown: null,
      passwordHash: null,
      name: '',
      timeZone: 'UTC',
    }
    const { owner, writes } = furnish(ctx)
    await db.atomic([...(registered[index] ? [] : newUserWrites(ctx, user)), ...writes])
    owners.push(owner)
  }

  const indexes = await db.all(indexesOf)
  await db.atomic(indexes.map(({ name }) => plainWrite(`drop index ${name}`)))
  // In the order of time, not user by user: in life, too, a user's rows lie scattered among those
  // of all others.
  let writes: Write[] = []
  let [done, said] = [0, 0]
  for (const index of shuffled(random, counts)) {
    at += MINUTE
    if (++done - said >= SAY_EVERY) {
      said = done
      console.error(`seeding: ${done.toLocaleString('en')} of ${total.toLocaleString('en')} tasks`)
    }
    writes.push(...taskWrites(owners[index] as Owner, random, at))
    if (writes.length < BATCH) continue
    await db.atomic(writes)
    writes = []
  }
  await db.atomic([...writes, ...logTasks])
  // One at a time, and after the rows: a million entries sorted are written in a tenth of the time
  // of as many inserted.
  for (const { sql } of indexes) await db.atomic([plainWrite(sql)])
  await db.atomic(recount)
  for (const { ctx } of owners) await recountBytes({ db }, ctx.actor.userId)
  await db.close()
}

/** As even as it goes. */
const shares = (tasks: number, users: number): number[] =>
  Array.from(
    { length: users },
    (_, i) => Math.floor(((i + 1) * tasks) / users) - Math.floor((i * tasks) / users),
  )

/** For each task, in their order, the index of its owner. */
const shuffled = (random: () => number, counts: readonly number[]): Uint16Array => {
  const order = new Uint16Array(counts.reduce((sum, count) => sum + count, 0))
  let next = 0
  for (const [index, count] of counts.entries())
    next = order.fill(index, next, next + count) && next + count
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j] as number, order[i] as number]
  }
  return order
}

const furnish = (ctx: Ctx): { owner: Owner; writes: Write[] } => {
  const labels = LABELS.map((name) => newLabel(ctx, name, null))
  const projects = ['House', 'Work', 'Club', 'Someday'].map((name) => projectNamed(ctx, name))
  const made = [
    ...labels.map((label) => insertLabel(ctx, accountIdOf(ctx), label)),
    ...projects.map((project) => insertProject(ctx, accountIdOf(ctx), project)),
  ]
  const logged = [
    ...labels.map(({ id }) => logChange(ctx, 'label', id, now(ctx))),
    ...projects.map(({ id }) => logChange(ctx, 'project', id, now(ctx))),
  ]
  const owner = { ctx, projects: projects.map(({ id }) => id) }
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

const taskWrites = ({ ctx, projects }: Owner, random: () => number, at: number): Write[] => {
  const id = ctx.ids.next()
  const createdAt = new Date(at).toISOString()
  const content = randomTask(random, at)
  const task: Task = {
    id,
    ...taskDefaults,
    occurrence: null,
    ...content,
    project_id: pick(random, projects),
    position: newestPosition(id),
    created_by: actorIdOf(ctx),
    created_at: createdAt,
    updated_at: createdAt,
    completed_at: content.status === 'completed' ? createdAt : null,
    deleted_at: null,
    rev: ctx.ids.next(),
  }
  const ownerId = accountIdOf(ctx)
  return [
    insertTask(ctx, ownerId, task),
    ...content.labels.map((name) => linkLabel(ctx, ownerId, id, name)),
  ]
}

const plainWrite = (text: string): Write => ({
  statement: { text, bind: () => [] } satisfies Statement,
  values: {},
})
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
  plainWrite('update users set checked_seq = seq'),
  plainWrite(
    'update users set task_count = (select count(*) from tasks where owner_id = users.id)',
  ),
  plainWrite(
    'update users set project_count = (select count(*) from projects where owner_id = users.id)',
  ),
  plainWrite(
    'update users set label_count = (select count(*) from labels where owner_id = users.id)',
  ),
]
