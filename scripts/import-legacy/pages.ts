// Rows of a table, some at a time, and the names of their tags.
import type { TagTable, TaskTable } from './layout.ts'
import { type Cell, type Column, place, quoted, type Source, selected } from './source.ts'
import { decoded, idOf } from './values.ts'

/** The cells of a row by the names of their columns. */
export type Cells = ReadonlyMap<string, Cell>
/** The rows of a table in the order of a column with different values, with these columns too. */
export type Pages = (
  table: string,
  key: Column,
  columns: readonly Column[],
) => AsyncGenerator<Cells[]>

/** A row may have a text of any length. */
const PAGE = 500

export const pagesOf = ({ dialect, read }: Source): Pages =>
  async function* (table, key, columns) {
    const all = [key, ...columns.filter(({ name }) => name !== key.name)]
    const at = quoted(dialect, key.name)
    const select = `select ${all.map((column) => selected(dialect, column)).join(', ')} from ${quoted(dialect, table)}`
    const order = `order by ${at} limit ${PAGE}`
    let last: Cell
    for (;;) {
      const rows =
        last === undefined
          ? await read(`${select} where ${at} is not null ${order}`)
          : await read(`${select} where ${at} > ${place(dialect, 1)} ${order}`, [last])
      if (rows.length > 0)
        yield rows.map((cells) => new Map(all.map(({ name }, i) => [name, cells[i] ?? null])))
      if (rows.length < PAGE) return
      last = rows.at(-1)?.[0]
    }
  }

/** The names of the tags of some tasks, by the ids of these as text. */
export const readTags = async (
  { dialect, read }: Source,
  tables: readonly TagTable[],
  ids: readonly Cell[],
): Promise<Map<string, string[]>> => {
  const names = new Map<string, string[]>()
  const list = ids.map((_, i) => place(dialect, i + 1)).join(', ')
  for (const { name, text, task, link } of ids.length > 0 ? tables : []) {
    const [own, far] = link ? ['l.', 't.'] : ['t.', 't.']
    const column = (of: string, { name }: Column) => `${of}${quoted(dialect, name)}`
    const joined = link
      ? ` join ${quoted(dialect, link.name)} as l on ${column('l.', link.tag)} = ${column('t.', link.id)}`
      : ''
    const rows = await read(
      `select ${selected(dialect, task, own)}, ${selected(dialect, text, far)} from ${quoted(dialect, name)} as t${joined} where ${column(own, task)} in (${list})`,
      ids,
    )
    for (const [id, tag] of rows) {
      const key = idOf(id, task)
      names.set(key, [...(names.get(key) ?? []), String(decoded(tag, text)).trim()])
    }
  }
  return names
}

/** Those that are of this table, where there are several of tasks. */
export const tagsOf = (
  tags: readonly TagTable[],
  { name }: Pick<TaskTable, 'name'>,
  several: boolean,
): TagTable[] => {
  const kind = /^todo/i.test(name) ? /todo/i : /task/i
  return tags.filter(
    ({ task, link }) => !several || kind.test(link ? `${link.name} ${task.name}` : task.name),
  )
}
