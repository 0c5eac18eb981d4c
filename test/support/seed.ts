import type { Database } from '../../src/db/database.ts'

/** Rows of one statement: a server gives up one that takes seconds. */
const CHUNK = 10_000

/**
 * Fills the database with `count` tasks (a power of ten) of a hundred users, made by the database
 * itself; for MySQL's sake without recursion.
 */
export const seedTasks = async (db: Database, count: number): Promise<void> => {
  const { name } = db.dialect
  const run = (text: string) => db.atomic([{ statement: { text, bind: () => [] }, values: {} }])
  const digits =
    '(select 0 as d union all select 1 union all select 2 union all select 3 union all select 4 union all select 5 union all select 6 union all select 7 union all select 8 union all select 9)'
  const numbers = (places: number) => {
    const tables = Array.from({ length: places }, (_, i) => `${digits} as t${i}`).join(
      ' cross join ',
    )
    const n = Array.from({ length: places }, (_, i) => `${10 ** i} * t${i}.d`).join(' + ')
    return `(select ${n} as n from ${tables}) as numbers`
  }
  const padded = {
    sqlite: "substr('000000000000' || n, -12)",
    postgres: "lpad(cast(n as text), 12, '0')",
    mysql: "lpad(n, 12, '0')",
  }[name]
  const id = (kind: string, of = padded) => {
    const text =
      name === 'mysql'
        ? `concat('00000000-000${kind}-7000-8000-', ${of})`
        : `('00000000-000${kind}-7000-8000-' || ${of})`
    return name === 'postgres' ? `cast(${text} as uuid)` : text
  }
  const owner = {
    sqlite: "substr('000000000000' || (n % 100), -12)",
    postgres: "lpad(cast(n % 100 as text), 12, '0')",
    mysql: "lpad(n % 100, 12, '0')",
  }[name]
  const [no, yes] = name === 'postgres' ? ['false', 'true'] : ['0', '1']
  const at = {
    sqlite: '1790000000000 + n',
    postgres: "timestamptz '2026-09-21 00:00:00Z' + n * interval '1 second'",
    mysql: "timestampadd(second, n, '2026-09-21 00:00:00')",
  }[name]
  await run(`insert into users (id, issuer, subject, name, time_zone, seq, task_count, project_count, label_count, key_count, created_at)
    select ${id('1')}, 'seed', ${padded}, 'x', 'UTC', 0, ${count / 100}, 1, 0, 0, ${at} from ${numbers(2)}`)
  await run(`insert into projects (id, owner_id, name, archived, inbox, position, tree_rev, rev, created_at, updated_at, gone)
    select ${id('2')}, ${id('1')}, 'Inbox', ${no}, ${yes}, 'a0', ${id('2')}, ${id('2')}, ${at}, ${at}, ${no} from ${numbers(2)}`)
  for (let begin = 0; begin < count; begin += CHUNK)
    await run(`insert into tasks (id, owner_id, project_id, title, title_key, description, haystack, status, priority, start_wall, due_wall, position, created_by, created_at, updated_at, trashed, rev)
    select ${id('3')}, ${id('1', owner)}, ${id('2', owner)}, 'Task', 'task', '', 'task', 'pending', n % 5, '', case when n % 2 = 0 then '2026-12-01' else '' end, 'a0', ${id('1', owner)}, ${at}, ${at}, ${no}, ${id('3')}
    from ${numbers(Math.round(Math.log10(count)))} where n >= ${begin} and n < ${begin + CHUNK}`)
  for (const table of ['tasks', 'projects', 'users'].slice(0, name === 'mysql' ? 3 : 1))
    await run({ sqlite: 'analyze', postgres: 'analyze', mysql: `analyze table ${table}` }[name])
}
