// A due as the family's clients write it, one text, and as a task has it.
import { toColumns } from '../../core/wall-clock.ts'
import type { Task } from '../../features/tasks/index.ts'
import { badRequest } from './problem.ts'

type WallTime = NonNullable<Task['due']>

const DAY = /^\d{4}-\d\d-\d\d$/
/** With a blank or a T between, with or without seconds and their parts. */
const DATE_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:[.,]\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/i

const unfit = (name: string) =>
  badRequest(
    `${name} is a date (2026-12-01) or a date and time (2026-12-01T09:00:00, with or without Z or an offset).`,
  )

/**
 * A day, a time without a zone, or the instant that a time with an offset names. Throws
 * `bad_request` for another text; whether the day exists is checked where tasks are.
 */
export const timeOf = (name: string, given: unknown): WallTime | null => {
  if (given === null || given === '') return null
  if (typeof given !== 'string') throw unfit(name)
  const text = given.trim()
  if (DAY.test(text)) return { kind: 'day', date: text }
  const found = DATE_TIME.exec(text)
  if (!found) throw unfit(name)
  const [, day, minutes, seconds = ':00', zone] = found
  const datetime = `${day}T${minutes}${seconds}`
  if (zone === undefined) return { kind: 'floating', datetime }
  const offset = /^z$/i.test(zone) ? 'Z' : zone.replace(/(\d\d)(\d\d)$/, '$1:$2')
  const at = Date.parse(`${datetime}${offset}`)
  if (Number.isNaN(at)) throw unfit(name)
  const utc = new Date(at).toISOString().slice(0, 19)
  return { kind: 'zoned', datetime: utc, time_zone: 'UTC' }
}

/** The same as text: a time in a zone as the instant that it is, in UTC. */
export const textOf = (time: Task['due']): string | null => {
  if (time === null) return null
  if ('date' in time) return time.date
  if (!('time_zone' in time)) return time.datetime
  return toColumns(time).at?.replace('.000Z', 'Z') ?? time.datetime
}
