// The components of an iCalendar file (RFC 5545), each as its content lines: one at a time, so that
// a large file is never parsed as a whole.
import { createLines, type Line } from '../lines.ts'

export type Property = {
  /** In upper case. */
  readonly name: string
  /** `:value` or `;parameters:value`. */
  readonly behind: string
}
export type Component = {
  readonly name: string
  /** The line of its BEGIN. */
  readonly row: number
  readonly properties: readonly Property[]
  readonly components: readonly Component[]
  readonly fault: string | undefined
}
export type Part =
  | { readonly component: Component; readonly property?: never }
  /** Of the calendar itself. */
  | { readonly property: Property; readonly component?: never }

/** Characters and properties of one component, and components in it. */
const MOST = 1024 * 1024
const MOST_PROPERTIES = 2_000
const DEEPEST = 4

type Open = {
  readonly name: string
  readonly row: number
  readonly properties: Property[]
  readonly components: Component[]
}

const propertyOf = (line: string): Property | undefined => {
  const [, name, behind] = /^([A-Za-z0-9-]+)([:;][\s\S]*)$/.exec(line) ?? []
  return name === undefined || behind === undefined
    ? undefined
    : { name: name.toUpperCase(), behind }
}

export const createComponents = () => {
  const lines = createLines()
  const open: Open[] = []
  let size = 0
  let count = 0
  let fault: string | undefined
  /** Unfolded so far (RFC 5545, 3.1). */
  let unfolded = ''
  let row = 0
  /** Calendars, and components outside of them; is one open? */
  let [calendars, bare] = [0, 0]
  let isOpen = false

  const begin = (name: string): void => {
    // A calendar is no component of its own here: what is in it is.
    if (name === 'VCALENDAR' && open.length === 0) {
      calendars++
      isOpen = true
      return
    }
    if (open.length === 0 && !isOpen) bare++
    if (open.length === 0) {
      size = 0
      count = 0
      fault = undefined
    }
    if (open.length >= DEEPEST) fault ??= `Components are nested more than ${DEEPEST} levels deep.`
    if (open.length <= DEEPEST) open.push({ name, row, properties: [], components: [] })
  }
  const end = (name: string): Component | undefined => {
    if (name === 'VCALENDAR') isOpen = false
    const at = open.findLastIndex((one) => one.name === name)
    if (at < 0) return undefined
    if (at < open.length - 1) fault ??= `${open.at(-1)?.name} has no end.`
    open.length = at + 1
    const ended = open.pop() as Open
    const component = { ...ended, fault: undefined }
    const above = open.at(-1)
    if (!above) return { ...component, fault }
    above.components.push(component)
    return undefined
  }
  const content = function* (text: string): Generator<Part> {
    if (text.trim() === '') return
    const property = propertyOf(text)
    if (property?.name === 'BEGIN') return begin(property.behind.slice(1).trim().toUpperCase())
    if (property?.name === 'END') {
      const component = end(property.behind.slice(1).trim().toUpperCase())
      if (component) yield { component }
      return
    }
    const present = open.at(-1)
    if (!present) {
      if (property) yield { property }
      return
    }
    size += text.length
    count++
    if (size > MOST || count > MOST_PROPERTIES) fault ??= 'It is larger than a task can be.'
    else if (property) present.properties.push(property)
    else present.properties.push({ name: '', behind: `:${text}` })
  }
  const line = function* ({ text, number, cut }: Line): Generator<Part> {
    if (cut) fault ??= 'It is larger than a task can be.'
    if (/^[ \t]/.test(text) && unfolded !== '') {
      if (unfolded.length + text.length > MOST) fault ??= 'It is larger than a task can be.'
      else unfolded += text.slice(1)
      return
    }
    const before = unfolded
    unfolded = text
    yield* content(before)
    row = number
  }
  return {
    *read(text: string): Generator<Part> {
      for (const one of lines.read(text)) yield* line(one)
    },
    *end(): Generator<Part> {
      for (const one of lines.end()) yield* line(one)
      yield* content(unfolded)
      const first = open[0]
      if (first)
        yield {
          component: { ...first, components: [], fault: 'The file ends in the middle of it.' },
        }
    },
    /** What the file was, after its end. */
    kind(): 'calendar' | 'cut' | 'other' {
      if (isOpen || open.length > 0) return 'cut'
      return calendars + bare > 0 ? 'calendar' : 'other'
    },
  }
}
