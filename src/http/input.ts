// What a request says, read and checked part by part.
import type { Context } from 'hono'
import { DomainError } from '../core/errors.ts'
import { isId } from '../core/ids.ts'
import type { Revisions } from '../core/precondition.ts'
import { isList, type Names, parse } from '../core/validation.ts'
import { authenticateAgain } from './authentication.ts'
import { readBody } from './body.ts'
import type { Endpoint } from './endpoint.ts'
import { revisionsOf } from './etags.ts'
import { charge, type Exchange, networksOf, userOf } from './exchange.ts'
import { fieldsOfForm } from './form.ts'
import { type Json, parseJson, textOf } from './json.ts'
import { expectMediaType, expectNoCoding, expectNoQuery, parseBody, queryOf } from './request.ts'

/** What there is to know of an endpoint's input before a request comes. */
export type InputRules = {
  readonly takesId: boolean
  /** Parameters that may be repeated. */
  readonly repeatable: ReadonlySet<string>
  readonly mediaTypes: readonly string[]
  readonly bodyNames: Names
  /** Bytes that the body may have; undefined for the usual number. */
  readonly maxBody: number | undefined
}

/** Bytes of a body that any stranger may send. */
const MAX_BODY_OF_STRANGERS = 16 * 1024
const jsonTypes = ['application/json'] as const
const patchTypes = ['application/merge-patch+json', 'application/json'] as const

const FORM = 'application/x-www-form-urlencoded'

export const mediaTypesOf = ({
  method,
  form,
}: Pick<Endpoint, 'method' | 'form'>): readonly string[] => {
  const types = method === 'patch' ? patchTypes : jsonTypes
  return form ? [...types, FORM] : types
}

export const inputRulesOf = (endpoint: Endpoint): InputRules => ({
  takesId: endpoint.path.includes('{id}'),
  repeatable: new Set(
    Object.entries(endpoint.query?.shape ?? {}).flatMap(([name, schema]) =>
      isList(schema) ? [name] : [],
    ),
  ),
  mediaTypes: mediaTypesOf(endpoint),
  bodyNames: { part: 'field', readOnly: endpoint.readOnly },
  maxBody: endpoint.access.actors === 'open' ? MAX_BODY_OF_STRANGERS : undefined,
})

/** The path's id. Throws `not_found`. */
export const readId = ({ takesId }: InputRules, c: Context): string => {
  if (!takesId) return ''
  const id = c.req.param('id')?.toLowerCase() ?? ''
  if (!isId(id)) throw new DomainError('not_found', 'There is no such thing: the path holds no id.')
  return id
}

/** The query's parameters. Throws `invalid`. */
export const readQuery = ({ query, anyQuery }: Endpoint, rules: InputRules, c: Context) => {
  if (query) return parse(query, queryOf(c.req.queries(), rules.repeatable), { part: 'parameter' })
  if (!anyQuery) expectNoQuery(c.req.url)
  return undefined
}

/** The key under which the caller wants the answer remembered. */
export const keyOf = ({ idempotent }: Endpoint, c: Context): string | undefined =>
  idempotent ? c.req.header('idempotency-key') : undefined

/**
 * Bytes of a body that count as much as a request: to read and to parse them takes a millisecond.
 */
const BYTES_PER_POINT = 64 * 1024

const expectUncoded = (c: Context): void => {
  const content = c.req.header('content-encoding')
  if (content) expectNoCoding('Content-Encoding', content)
  const transfer = c.req.header('transfer-encoding')
  if (transfer) expectNoCoding('Transfer-Encoding', transfer)
}

/**
 * The body's bytes. Throws `unsupported_media_type`, `too_large`, `incomplete_body`,
 * `request_timeout`, `unauthenticated`, `rate_limited`.
 */
export const readBytes = async (
  { body }: Endpoint,
  { mediaTypes, maxBody }: InputRules,
  exchange: Exchange,
): Promise<Uint8Array> => {
  const { c, deps } = exchange
  const type = body && c.req.header('content-type')
  if (type !== undefined) expectMediaType(type, mediaTypes)
  if (body) expectUncoded(c)
  const user = userOf(exchange)
  const reservation = deps.bodies.open({ address: networksOf(exchange)[0], user })
  exchange.reservation = reservation
  const bytes = await readBody(c, { max: maxBody, reservation, receive: deps.receiveBody })
  // Without a type and without a body the schema says what is missing, which helps more than 415
  // does.
  if (body && type === undefined && bytes.byteLength > 0) expectMediaType(type, mediaTypes)
  if (user === undefined) return bytes
  const still = authenticateAgain(exchange)
  if (still) await still
  if (bytes.byteLength >= BYTES_PER_POINT)
    charge(exchange, Math.floor(bytes.byteLength / BYTES_PER_POINT))
  return bytes
}

const EMPTY: Json = { value: {}, cut: undefined }

const isForm = (c: Context): boolean =>
  c.req.header('content-type')?.split(';')[0]?.trim().toLowerCase() === FORM

const formIn = (bytes: Uint8Array): Json => ({ value: fieldsOfForm(textOf(bytes)), cut: undefined })

/** The body, made of its bytes. Throws `malformed_json`, `malformed_text`, `invalid`. */
export const bodyOf = (
  { body, bodyOptional, form, maxValues }: Endpoint,
  { bodyNames }: InputRules,
  bytes: Uint8Array | undefined,
  c: Context,
) => {
  if (!body || !bytes) return undefined
  if (form && isForm(c)) return parseBody(body, formIn(bytes), bodyNames)
  const json = bodyOptional && bytes.byteLength === 0 ? EMPTY : parseJson(bytes, maxValues)
  return parseBody(body, json, bodyNames)
}

/** The revisions that the caller will change. Throws `precondition_required`. */
export const readPrecondition = ({ ifMatch }: Endpoint, c: Context): Revisions => {
  if (ifMatch === undefined) return undefined
  const precondition = revisionsOf(c.req.header('if-match'))
  if (ifMatch === 'required' && precondition === undefined)
    throw new DomainError(
      'precondition_required',
      'Name the revision that you replace, in If-Match.',
    )
  return precondition
}
