// What a schema says of a value that does not fit, in our own sentences. Where a schema has words
// of its own, those count.
import type { z } from 'zod'

export const REQUIRED = 'This is required.'
export const UNKNOWN = 'There is no such field here.'

const kinds: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}
const kindOf = (given: unknown): string => {
  if (given === null) return 'null'
  return kinds[Array.isArray(given) ? 'array' : typeof given] ?? 'something else'
}

const formats: Readonly<Record<string, string>> = {
  uuid: 'an id, which is a UUID',
  datetime: 'an instant (RFC 3339), such as 2026-12-01T09:00:00Z',
}
const units: Readonly<Record<string, string>> = { string: 'character', array: 'item' }
const counted = (limit: number | bigint, origin: string): string => {
  const unit = units[origin]
  return unit === undefined ? String(limit) : `${limit} ${unit}${Number(limit) === 1 ? '' : 's'}`
}

/** The one error map: every schema that reads a request is parsed with it. */
export const say: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? REQUIRED
        : `This takes ${kinds[issue.expected] ?? issue.expected}, not ${kindOf(issue.input)}.`
    case 'invalid_value':
      return issue.input === undefined
        ? REQUIRED
        : `This takes ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.join(', ')}.`
    case 'unrecognized_keys':
      return UNKNOWN
    case 'invalid_format':
      return `This takes ${formats[issue.format] ?? 'text of another form'}.`
    case 'too_big':
      return `This takes at most ${counted(issue.maximum, issue.origin)}.`
    case 'too_small':
      return `This takes at least ${counted(issue.minimum, issue.origin)}.`
    default:
      return 'This does not fit.'
  }
}

/** The same of a query, in which a list is a parameter that is repeated. */
export const sayOfParameter: z.core.$ZodErrorMap = (issue) => {
  const said = say(issue)
  const isItem = (issue.path?.length ?? 0) > 1
  const isJoined = typeof issue.input === 'string' && issue.input.includes(',')
  return isItem && isJoined && typeof said === 'string'
    ? `${said} Repeat the parameter for several.`
    : said
}
