// Reading a request: ids, bodies, preconditions. Everything here refuses in the caller's terms.
import type { z } from 'zod'
import { DomainError, invalid } from '../core/errors.ts'
import type { Revisions } from '../core/precondition.ts'
import { faultsOf, type Names } from './faults.ts'
import { say } from './messages.ts'
import { HttpProblem } from './problem.ts'

const MAX_BODY = 1024 * 1024

const REQUEST_ID = /^[\w.:-]{1,128}$/
/** The caller's own request id where it is well-formed, else one of ours. */
export const requestIdOf = (given: string | undefined): string =>
  given !== undefined && REQUEST_ID.test(given) ? given : crypto.randomUUID()

/** Revisions named by If-Match: absent, `*` (any), or a list. A bare revision without its quotes is understood as well. */
export type Precondition = Revisions
export const preconditionOf = (header: string | undefined): Precondition => {
  if (header === undefined) return undefined
  if (header.trim() === '*') return '*'
  // A weak tag never matches where changes are concerned (RFC 9110, 13.1.1).
  return header.split(',').map((tag) => tag.trim().replace(/^"(.*)"$/, '$1'))
}

/** Does If-None-Match name this ETag? Weak comparison (RFC 9110, 13.1.2). */
export const isKnown = (header: string, etag: string): boolean =>
  header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag)

const tooLarge = (max: number) => new HttpProblem('too_large', `The body of this request may have ${max} bytes.`)

/** The raw body, at most `max` bytes. Throws `too_large`, and `incomplete_body` where the caller hangs up in the middle of it. */
export const readBytes = async (request: Request, declared: string | undefined, max = MAX_BODY): Promise<Uint8Array> => {
  try {
    return await readAll(request, declared, max)
  } catch (error) {
    if (error instanceof HttpProblem) throw error
    throw new HttpProblem('incomplete_body', 'The request ended before its body did.')
  }
}

const readAll = async (request: Request, declared: string | undefined, max: number): Promise<Uint8Array> => {
  if (declared !== undefined) {
    if (Number(declared) > max) throw tooLarge(max)
    return new Uint8Array(await request.arrayBuffer())
  }
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > max) throw tooLarge(max)
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

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
  if (accepted.includes(type ?? '') && (charset === undefined || charset === 'utf-8' || charset === 'utf8')) return
  throw new HttpProblem('unsupported_media_type', `Send ${accepted.join(' or ')} in UTF-8 and say so in Content-Type.`, {
    Accept: accepted.join(', '),
  })
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The JSON value in a body. Throws `malformed_text`, `malformed_json`, and `invalid` for an empty body. */
export const parseJson = (bytes: Uint8Array): unknown => {
  if (bytes.byteLength === 0) throw invalid({ at: [], code: 'required', detail: 'A JSON body is required.' })
  try {
    return JSON.parse(decoder.decode(bytes))
  } catch (error) {
    if (error instanceof SyntaxError) throw new HttpProblem('malformed_json', `The body is not JSON: ${error.message}.`)
    if (error instanceof TypeError) throw new HttpProblem('malformed_text', 'The body is not UTF-8.')
    throw new HttpProblem('malformed_json', 'The body is nested too deeply.')
  }
}

/** What the schema makes of a value. Throws `invalid` with every fault. */
export const parse = <S extends z.ZodType>(schema: S, given: unknown, names: Names): z.output<S> => {
  const result = schema.safeParse(given, { error: say })
  if (result.success) return result.data
  throw new DomainError('invalid', 'The request does not fit; see errors.', faultsOf(result.error, names))
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

/** Query parameters: a list where the schema has one (repeated means OR), else a single value. */
export const queryOf = (given: Record<string, string[]>, repeatable: ReadonlySet<string>): Record<string, string | string[]> => {
  const asked = ([name, values]: [string, string[]]): [string, string | string[]] => {
    if (repeatable.has(name)) return [name, values]
    if (values.length === 1) return [name, values[0] as string]
    throw invalid({ at: [name], code: 'repeated', detail: `The parameter ${name.slice(0, 60)} may be given once.` })
  }
  return Object.fromEntries(Object.entries(given).map(asked)) // which makes a property of every name, __proto__ included
}
