// Tasks as a table, for spreadsheets. The trash is not in it.
import Papa from 'papaparse'
import type { Ctx } from '../../core/context.ts'
import type { WallTime } from '../../core/wall-clock.ts'
import { allTasks, type Kept } from './everything.ts'

const clock = (time: WallTime | null): string =>
  time === null ? '' : time.kind === 'day' ? time.date : time.datetime
const zone = (time: WallTime | null): string => (time?.kind === 'zoned' ? time.time_zone : '')

const columns: Readonly<Record<string, (kept: Kept) => string>> = {
  id: ({ task }) => task.id,
  project: ({ project }) => project.name,
  parent_id: ({ task }) => task.parent_id ?? '',
  title: ({ task }) => task.title,
  description: ({ task }) => task.description,
  status: ({ task }) => task.status,
  priority: ({ task }) => task.priority,
  start: ({ task }) => clock(task.start),
  start_time_zone: ({ task }) => zone(task.start),
  due: ({ task }) => clock(task.due),
  due_time_zone: ({ task }) => zone(task.due),
  deadline: ({ task }) => task.deadline ?? '',
  estimate_minutes: ({ task }) => String(task.estimate_minutes ?? ''),
  url: ({ task }) => task.url ?? '',
  external_id: ({ task }) => task.external_id ?? '',
  recurrence: ({ task }) => task.recurrence?.rule ?? '',
  blocked_by: ({ task }) => task.blocked_by.join(', '),
  labels: ({ task }) => task.labels.join(', '),
  extra: ({ task }) => (Object.keys(task.extra).length === 0 ? '' : JSON.stringify(task.extra)),
  created_at: ({ task }) => task.created_at,
  updated_at: ({ task }) => task.updated_at,
  completed_at: ({ task }) => task.completed_at ?? '',
}

const END = '\r\n'
/**
 * What a spreadsheet may take for a formula (OWASP): a sign, also one of full width, and also behind
 * what a spreadsheet may leave out at the beginning of a cell. What stands behind the sign does not
 * matter: papaparse's own pattern, with which it tests `.*$`, misses a cell of several lines.
 */
const FORMULA = /^(?:[\t\r\n]|[\s\p{Cc}\p{Cf}]*[=+\-@\uff1d\uff0b\uff0d\uff20])/u

/** A cell that a spreadsheet would take for a formula begins with an apostrophe. */
const printed = (rows: readonly (readonly string[])[]): string =>
  Papa.unparse(rows as string[][], { newline: END, escapeFormulae: FORMULA }) + END

export const csvOf = async function* (ctx: Ctx): AsyncGenerator<string> {
  yield printed([Object.keys(columns)])
  const cells = Object.values(columns)
  for await (const page of allTasks(ctx, { trash: false }))
    if (page.length > 0) yield printed(page.map((kept) => cells.map((cell) => cell(kept))))
}
