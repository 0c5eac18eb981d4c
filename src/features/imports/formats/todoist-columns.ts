// The columns of Todoist's table, and what stands in them.
import type { Task } from '../../tasks/index.ts'

/** 1 is the highest. */
export const PRIORITIES: Readonly<Record<string, Task['priority']>> = {
  '1': 'urgent',
  '2': 'high',
  '3': 'medium',
  '4': 'none',
}
export const MAPPED = [
  'TYPE',
  'CONTENT',
  'DESCRIPTION',
  'PRIORITY',
  'INDENT',
  'AUTHOR',
  'RESPONSIBLE',
  'DATE',
  'DATE_LANG',
  'TIMEZONE',
  'DURATION',
  'DURATION_UNIT',
  'DEADLINE',
  'DEADLINE_LANG',
  'IS_COLLAPSED',
]
export const NONE = ['', 'None']
export const NO_HEADER =
  'This is no file of Todoist: its first line does not name TYPE and CONTENT.'
