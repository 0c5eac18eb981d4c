// The formats by their names. Each is loaded when a file of it comes.
import type { Reader, Setting } from '../row.ts'

export const formats = ['json', 'ics', 'todoist-csv', 'todotxt', 'taskwarrior'] as const
export type Format = (typeof formats)[number]

type Given = Setting & {
  /** The project of rows that name none; '' for the inbox. */
  readonly project: string
}

/** Does a row without a project belong to one of its own? Else it goes to the one that was named. */
const readers: Readonly<Record<Format, (given: Given) => Promise<Reader>>> = {
  json: async () => (await import('./own.ts')).createOwn(),
  ics: async (given) => (await import('./ics.ts')).createIcs(given),
  'todoist-csv': async (given) => (await import('./todoist.ts')).createTodoist(given, given),
  todotxt: async (given) => (await import('./todotxt.ts')).createTodoTxt(given),
  taskwarrior: async (given) => (await import('./taskwarrior.ts')).createTaskwarrior(given),
}
export const readerOf = (format: Format, given: Given): Promise<Reader> => readers[format](given)

/** The format of a text that begins so; undefined where nothing tells. */
export const formatOf = (text: string): Format | undefined => {
  const head = text.slice(0, 4_096).trimStart()
  if (/^BEGIN:VCALENDAR\b/i.test(head)) return 'ics'
  if (/^"?TYPE"?,"?CONTENT"?,/i.test(head)) return 'todoist-csv'
  if (/^\{\s*"format"\s*:\s*"taskport"/.test(head)) return 'json'
  if (/^(?:\[\s*)?\{/.test(head) && /"(?:uuid|description|status)"\s*:/.test(head))
    return 'taskwarrior'
  if (/^\{/.test(head) && /"(?:tasks|projects)"\s*:/.test(head)) return 'json'
  if (/^\[\s*\]/.test(head)) return 'taskwarrior'
  if (/^[[{<]/.test(head) || head === '' || head.includes('\ufffd\ufffd')) return undefined
  return 'todotxt'
}
