// Which tables and columns of another backend's database hold its tasks, users and tags.
import { getTableName } from 'drizzle-orm'
import { sqlite } from '../../src/db/dialect/sqlite.ts'
import { familyTables } from '../../src/db/other-tables.ts'
import { Refusal } from '../../src/runtimes/node/refusal.ts'
import type { Column, Table } from './source.ts'

/** A table of tasks, with the columns without which nothing can be done. */
export type TaskTable = Table & {
  readonly id: Column
  readonly title: Column
  readonly user: Column
}
export type UserTable = {
  readonly name: string
  readonly id: Column
  readonly email: Column | undefined
  readonly called: Column | undefined
}
/**
 * Names of tags, by the ids of their tasks: in a table that has both, or in one that `link` joins to
 * the tasks.
 */
export type TagTable = {
  readonly name: string
  readonly text: Column
  readonly task: Column
  readonly link?: { readonly name: string; readonly tag: Column; readonly id: Column }
}
export type Layout = {
  readonly tasks: readonly TaskTable[]
  readonly users: readonly UserTable[]
  readonly tags: readonly TagTable[]
  /** What was found and is not read, in sentences. */
  readonly left: readonly string[]
}

/** Is there a table of users with e-mail addresses? */
export const hasAddresses = ({ users }: Layout): boolean =>
  users.some(({ email }) => email !== undefined)

/** Names are compared without case and `_`: dueDate, due_date and duedate are one. */
export const keyOf = (name: string): string => name.toLowerCase().replaceAll('_', '')

/** The column of the first of these names that a table has. */
const columnOf = (
  { columns }: Pick<Table, 'columns'>,
  names: readonly string[],
): Column | undefined => {
  for (const name of names) {
    const found = columns.find((column) => keyOf(column.name) === keyOf(name))
    if (found) return found
  }
  return undefined
}

const idNames = ['id', 'uuid']
const titleNames = ['title']
const userNames = ['user_id', 'owner_id', 'user', 'owner']
const userTables = ['users', 'user']
const tagTables = ['tags', 'tag', 'labels', 'label']
const tagTexts = ['name', 'tag', 'label', 'title']
const taskIds = ['task_id', 'todo_id', 'tasks_id', 'todos_id']
const tagIds = ['tag_id', 'label_id', 'tags_id', 'labels_id']

/** All tables but Taskport's own, which may be in the same database. */
const othersAmong = (tables: readonly Table[]): readonly Table[] => {
  const isOurs = tables.some(({ name, columns }) => name === 'tasks' && has(columns, 'title_key'))
  const ours: string[] = Object.values(sqlite.t).map((table) => getTableName(table))
  return isOurs ? tables.filter(({ name }) => !ours.includes(name)) : tables
}
const has = (columns: readonly Column[], name: string): boolean =>
  columns.some((column) => column.name === name)

const named = (tables: readonly Table[], names: readonly string[]): Table[] =>
  tables.filter(({ name }) => names.includes(name.toLowerCase()))

const shown = (names: readonly string[]): string =>
  names.length === 0
    ? 'none'
    : names.slice(0, 20).join(', ') + (names.length > 20 ? ` and ${names.length - 20} more` : '')

/** Throws Refusal for a database without tasks that can be read. */
export const layoutOf = (all: readonly Table[]): Layout => {
  const tables = othersAmong(all)
  const candidates = named(tables, familyTables)
  if (candidates.length === 0)
    throw new Refusal(
      tables.length < all.length
        ? '--from leads to a database of Taskport itself: npm run db:copy moves it'
        : `--from leads to a database without a table ${familyTables.join(', ')}; its tables are: ${shown(all.map(({ name }) => name))}`,
    )
  const read = candidates.map((table) => ({ table, ...columnsOf(table) }))
  const left = read.flatMap(({ lacking }) => (lacking === undefined ? [] : [lacking]))
  const tasks = read.flatMap(({ found }) => (found ? [found] : []))
  if (tasks.length === 0) throw new Refusal(`--from cannot be read: ${left.join('; ')}`)
  return {
    tasks,
    users: named(tables, userTables).flatMap(usersIn),
    tags: tables.flatMap((table) => tagsIn(table, tables)),
    left,
  }
}

const columnsOf = (table: Table): { readonly found?: TaskTable; readonly lacking?: string } => {
  const [id, title, user] = [idNames, titleNames, userNames].map((names) => columnOf(table, names))
  if (id && title && user) return { found: { ...table, id, title, user } }
  const lacks = [
    ...(id ? [] : ['id']),
    ...(title ? [] : ['title']),
    ...(user ? [] : ['user_id (or userId, owner_id)']),
  ]
  return {
    lacking: `the table ${table.name} lacks the column ${lacks.join(' and ')}; its columns are: ${shown(table.columns.map(({ name }) => name))}`,
  }
}

const usersIn = (table: Table): UserTable[] => {
  const id = columnOf(table, idNames)
  const email = columnOf(table, ['email', 'email_address', 'mail'])
  const called = columnOf(table, ['name', 'full_name', 'display_name', 'username', 'first_name'])
  return id ? [{ name: table.name, id, email, called }] : []
}

/** Links between tasks and tags: a table of two ids, that of Prisma's among them. */
const tagsIn = (table: Table, tables: readonly Table[]): TagTable[] => {
  const task = columnOf(table, taskIds) ?? prismaColumn(table, familyTables)
  if (!task) return []
  const tag = columnOf(table, tagIds) ?? prismaColumn(table, tagTables)
  if (tag)
    return named(tables, tagTables).flatMap((of) => {
      const [id, text] = [columnOf(of, idNames), columnOf(of, tagTexts)]
      return id && text ? [{ name: of.name, text, task, link: { name: table.name, tag, id } }] : []
    })
  const text = columnOf(table, tagTexts)
  return text && /tag|label/i.test(table.name) ? [{ name: table.name, text, task }] : []
}

/** In `_TagToTask` the column A is the id of the first one, B of the second. */
const prismaColumn = ({ name, columns }: Table, of: readonly string[]): Column | undefined => {
  const [, first = '', second = ''] = /^_(\w+?)To(\w+)$/.exec(name) ?? []
  const side = of.includes(first.toLowerCase())
    ? 'A'
    : of.includes(second.toLowerCase())
      ? 'B'
      : undefined
  return columns.find((column) => column.name === side)
}
