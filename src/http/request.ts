// Reading a request: ids, media types, preconditions, and what a schema makes of its parts.
// Everything here refuses in the caller's terms.
import type { z } from 'zod'
import { invalid } from '../core/errors.ts'
import { say } from '../core/messages.ts'
import { faultsOf, type Names, parse, unfit } from '../core/validation.ts'
import { cutAt, type Json } from './json.ts'
import { HttpProblem } from './problem.ts'

const REQUEST_ID = /^[\w.:-]{1,128}$/
/** The caller's own request id where it is well-formed, else one of ours. */
export const requestIdOf = (given: string | undefined): string =>
  given !== undefined && REQUEST_ID.test(given) ? given : crypto.randomUUID()

/** Refuses a body that is not declared to be JSON in UTF-8. */
export const expectMediaType = (header: string | undefined, accepted: readonly string[]): void => {
  const [type, ...parameters] = (header ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const charset = parameters
    .find((p) => p.startsWith('charset='))
    ?.slice(8)
    .replaceAll('"', '')
  if (
    accepted.includes(type ?? '') &&
    (charset === undefined || charset === 'utf-8' || charset === 'utf8')
  )
    return
  throw new HttpProblem(
    'unsupported_media_type',
    `Send ${accepted.join(' or ')} in UTF-8 and say so in Content-Type.`,
    {
      Accept: accepted.join(', '),
    },
  )
}

/** Headers that may say that a body is coded, with the word that says it is not. */
const codings = { 'Content-Encoding': 'identity', 'Transfer-Encoding': 'chunked' } as const

/**
 * Refuses a body that is coded: none is unpacked here, because a few bytes may become very many
 * (RFC 9110, 12.5.3; RFC 9112, 6.1).
 */
export const expectNoCoding = (header: keyof typeof codings, value: string): void => {
  const plain = codings[header]
  if (value.split(',').every((coding) => ['', plain].includes(coding.trim().toLowerCase()))) return
  throw new HttpProblem(
    'unsupported_media_type',
    `The body is compressed or coded (${header}), which this service does not take. Send it as it is.`,
    { 'Accept-Encoding': 'identity' },
  )
}

/** What the schema makes of a body; one that was cut fits no schema. */
export const parseBody = <S extends z.ZodType>(
  schema: S,
  { value, cut }: Json,
  names: Names,
): z.output<S> => {
  if (cut === undefined) return parse(schema, value, names)
  const { error } = schema.safeParse(value, { error: say })
  throw unfit([cutAt(cut), ...(error ? faultsOf(error, names) : [])])
}

/** Refuses the first query parameter, where an operation takes none. Throws `invalid`. */
export const expectNoQuery = (url: string): void => {
  const [name] = url.includes('?') ? new URL(url).searchParams.keys() : []
  if (name === undefined) return
  throw invalid({
    at: [name],
    header: true,
    code: 'unknown_field',
    detail: `There is no parameter ${JSON.stringify(name.slice(0, 60))} here.`,
  })
}

/** More than any list of choices takes. */
const MAX_REPEATED = 50

/** Query parameters: a list where the schema has one (repeated means OR), else a single value. */
export const queryOf = (
  given: Record<string, string[]>,
  repeatable: ReadonlySet<string>,
): Record<string, string | string[]> => {
  const asked = ([name, values]: [string, string[]]): [string, string | string[]] => {
    const choices = repeatable.has(name)
    if (choices && values.length <= MAX_REPEATED) return [name, values]
    if (choices)
      throw invalid({
        at: [name],
        code: 'too_big',
        detail: `The parameter ${name} may be given ${MAX_REPEATED} times.`,
      })
    if (values.length === 1) return [name, values[0] as string]
    throw invalid({
      at: [name],
      code: 'repeated',
      detail: `The parameter ${name.slice(0, 60)} may be given once.`,
    })
  }
  // which makes a property of every name, __proto__ included
  return Object.fromEntries(Object.entries(given).map(asked))
}
