// iCalendar: VTODOs and what belongs to them.
import { zoneOf } from '../../icalendar/index.ts'
import type { Found, Note, Reader, Setting } from '../row.ts'
import { CUT_OFF, createContentKeys, note, ofFile, shown } from '../values.ts'
import { type Component, createComponents, type Property } from './ics-components.ts'
import { taskOfTodo } from './ics-todo.ts'

const definitionOf = ({ properties, components }: Component) => {
  const of = (list: readonly Property[], name: string) =>
    list.find((property) => property.name === name)?.behind.replace(/^[^:]*:/, '')
  return {
    tzid: of(properties, 'TZID'),
    location: of(properties, 'X-LIC-LOCATION'),
    observances: components.flatMap(({ name, properties: inner }) =>
      name === 'STANDARD' || name === 'DAYLIGHT'
        ? [
            {
              kind: name,
              offset: of(inner, 'TZOFFSETTO') ?? '',
              rule: of(inner, 'RRULE'),
              begins: of(inner, 'DTSTART') ?? '',
            } as const,
          ]
        : [],
    ),
  }
}

/** Definitions of zones in one file. */
const MOST_ZONES = 1_000

export const createIcs = (setting: Setting): Reader => {
  const parts = createComponents()
  const definitions = new Map<string, ReturnType<typeof definitionOf>>()
  const zones = new Map<string, string | undefined>()
  const keyOf = createContentKeys()
  let name: string | undefined
  const zone = (tzid: string): string | undefined => {
    if (!zones.has(tzid) && zones.size < MOST_ZONES)
      zones.set(tzid, zoneOf(tzid, definitions.get(tzid), setting.timeZone))
    return zones.get(tzid)
  }
  const found = (component: Component): Found[] => {
    const { row, fault } = component
    if (component.name === 'VTIMEZONE') {
      const definition = definitionOf(component)
      if (definition.tzid !== undefined && definitions.size < MOST_ZONES) {
        definitions.set(definition.tzid, definition)
        zones.delete(definition.tzid)
      }
      return []
    }
    const refused = (code: string, detail: string): Found[] => {
      const notes: Note[] = [note(code, component.name, detail)]
      return [{ row, title: titleIn(component), item: undefined, notes }]
    }
    if (fault !== undefined) return refused('malformed', fault)
    if (component.name !== 'VTODO')
      return refused('not_a_task', `A ${shown(component.name, 40)} is no task.`)
    return taskOfTodo(component, { ...setting, zone, name }, keyOf)
  }
  const all = function* (given: Iterable<{ component?: Component; property?: Property }>) {
    for (const { component, property } of given) {
      if (property?.name === 'X-WR-CALNAME')
        name = property.behind.replace(/^[^:]*:/, '').trim() || undefined
      if (component) yield* found(component)
    }
  }
  return {
    read: (text) => all(parts.read(text)),
    *end() {
      yield* all(parts.end())
      const kind = parts.kind()
      if (kind === 'cut') yield ofFile('cut', CUT_OFF)
      if (kind === 'other')
        yield ofFile('not_the_format', 'This is no iCalendar file: no BEGIN:VCALENDAR is in it.')
    },
  }
}

const titleIn = ({ properties }: Component): string =>
  shown(properties.find(({ name }) => name === 'SUMMARY')?.behind.replace(/^[^:]*:/, '') ?? '')
