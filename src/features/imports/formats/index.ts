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

/** What no other text has at these places: `x `, `(A) `, a date, `+project`, `@context`, `key:value`. */
const MARK =
  /^x \S|^\([A-Z]\) \S|^\d{4}-\d\d-\d\d (?!\d\d:\d\d)\S| [+@]\p{L}| [\p{L}][\p{L}\p{N}_-]*:(?!\/\/)\S/u
/** A line of names between commas, semicolons or tabs. */
const COLUMNS = /^"?\p{L}[\p{L}\p{N}_ ./()-]*"?(?:[,;\t]"?\p{L}[\p{L}\p{N}_ ./()-]*"?){2,}$/u

/**
 * Each text can be read as tasks, a line each. So its file has to be called so, or at least half of
 * its first lines have to have a mark of the format.
 */
const isTodoTxt = (head: string, name: string): boolean => {
  if (/^[[{<]/.test(head) || head === '' || head.includes('\ufffd\ufffd')) return false
  if (/(?:^|[^a-z])(?:todo|done)\.txt$/i.test(name)) return true
  const lines = head.split('\n').filter((line) => line.trim() !== '')
  if (lines.length > 1 && head.length === HEAD) lines.pop()
  const marked = lines.filter((line) => MARK.test(line)).length
  return !COLUMNS.test(lines[0] ?? '') && 2 * marked >= lines.length
}

const HEAD = 4_096
/**
 * The format of a text that begins so, in a file of this name ('': it has none); undefined where
 * nothing tells for certain.
 */
export const formatOf = (text: string, name: string): Format | undefined => {
  const head = text.trimStart().slice(0, HEAD)
  if (/^BEGIN:VCALENDAR\b/i.test(head)) return 'ics'
  if (/^"?TYPE"?,"?CONTENT"?,/i.test(head)) return 'todoist-csv'
  if (/^\{\s*"format"\s*:\s*"taskport"/.test(head)) return 'json'
  if (/^(?:\[\s*)?\{/.test(head) && /"uuid"\s*:/.test(head)) return 'taskwarrior'
  if (/^\{/.test(head) && /"(?:tasks|projects)"\s*:/.test(head)) return 'json'
  if (/^\[\s*\]/.test(head)) return 'taskwarrior'
  return isTodoTxt(head, name) ? 'todotxt' : undefined
}
