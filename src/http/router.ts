// One way to declare an operation: it is routed, guarded, validated, documented and answered from
// the same definition.
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { allow, type Operation } from '../core/access.ts'
import type { Actor, Ctx } from '../core/context.ts'
import { DomainError } from '../core/errors.ts'
import { isId } from '../core/ids.ts'
import { callerNetworks } from './address.ts'
import { readBody } from './body.ts'
import type { Reservation } from './body-budget.ts'
import type { Deps } from './deps.ts'
import { describeOperation } from './document.ts'
import { logFailure } from './failures.ts'
import type { Names } from './faults.ts'
import { always, type Once, once } from './idempotency.ts'
import { type Json, parseJson } from './json.ts'
import type { Networks } from './network.ts'
import { answerOf, type FaultPlace, type ProblemCode } from './problem.ts'
import { limitGuesses, limitRefused } from './refusal-limits.ts'
import {
  expectMediaType,
  expectNoQuery,
  type Precondition,
  parse,
  parseBody,
  preconditionOf,
  queryOf,
  requestIdOf,
} from './request.ts'
import { responder } from './respond.ts'
import type { Answer } from './result.ts'
import type { Attempt } from './sign-in-limits.ts'

type Shape = z.ZodObject | undefined
type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined

/** What takes no credential. */
type OpenOperation = 'register' | 'login' | 'redeemCode' | 'refresh'

/**
 * An operation as it is declared; `id` is its name in the access table, or `open` where no
 * credential is asked for.
 */
export type Definition<
  Q extends Shape = Shape,
  B extends z.ZodType | undefined = z.ZodType | undefined,
> = {
  readonly id: Operation | OpenOperation | `original.${string}`
  readonly open?: true
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Under /api/v1, with `{id}` for the id of the thing that it is about. */
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly query?: Q
  readonly body?: B
  readonly answers: Readonly<
    Record<
      number,
      { readonly description: string; readonly schema?: z.ZodType; readonly etag?: true }
    >
  >
  /** What it can refuse beyond what its parts imply. */
  readonly refuses?: readonly ProblemCode[]
  /** Does it look at If-Match? */
  readonly ifMatch?: 'optional' | 'required'
  /** Does a repeated Idempotency-Key get the first answer? */
  readonly idempotent?: true
  /** Answers that no cache may keep: tokens and keys. */
  readonly noStore?: true
  /**
   * Kept for old clients: routed and guarded like all others, but not in the document; its path is
   * from the root.
   */
  readonly undocumented?: true
  /** May the body be missing altogether? The schema then gets an empty object. */
  readonly bodyOptional?: true
  /** The operation whose rule in the access table holds, where it is not `id` itself. */
  readonly as?: Operation
  /** Bytes that the body may have; 1 MiB unless told. */
  readonly maxBody?: number
  /**
   * Begins an attempt where the operation could be used to guess: what the handler does is counted
   * as one.
   */
  readonly attempt?: (call: Call<Q, B>) => Promise<Attempt>
}

/** A request, checked, as its handler gets it. */
export type Call<
  Q extends Shape = Shape,
  B extends z.ZodType | undefined = z.ZodType | undefined,
> = {
  readonly ctx: Ctx
  readonly id: string
  readonly query: Parsed<Q>
  readonly body: Parsed<B>
  readonly ifMatch: Precondition
  readonly once: Once
  readonly url: string
  readonly userAgent: string | undefined
  /** Where the request came from. */
  readonly networks: () => Networks
  /** The path's other parameters. */
  readonly params: Readonly<Record<string, string>>
}
type Handler<Q extends Shape, B extends z.ZodType | undefined> = (
  call: Call<Q, B>,
) => Promise<Answer>

/** Where operations are declared. */
export type Api = {
  readonly app: OpenAPIHono
  operation<Q extends Shape = undefined, B extends z.ZodType | undefined = undefined>(
    definition: Definition<Q, B>,
    handle: Handler<Q, B>,
  ): void
}

const anonymous = { kind: 'anonymous', userId: '', subject: '' } as Actor
const jsonTypes = ['application/json'] as const
const patchTypes = ['application/merge-patch+json', 'application/json'] as const

export const createApi = (deps: Deps): Api => {
  const app = new OpenAPIHono()
  return {
    app,
    operation: (definition, handle) => {
      if (!definition.undocumented)
        app.openAPIRegistry.registerPath(createRoute(describeOperation(definition)))
      const path = definition.path.replace(/\{(\w+)\}/g, ':$1')
      app.on(
        definition.method,
        path,
        guarded(
          deps,
          definition as unknown as Definition,
          handle as unknown as Handler<Shape, z.ZodType | undefined>,
        ),
      )
    },
  }
}

/**
 * One function a route and no middleware: Hono then calls it directly, and headers are set once,
 * where the answer is made.
 */
const guarded = (
  deps: Deps,
  definition: Definition,
  handle: Handler<Shape, z.ZodType | undefined>,
) => {
  const {
    query,
    body,
    bodyOptional,
    open,
    ifMatch,
    method,
    idempotent,
    noStore,
    attempt,
    undocumented,
    maxBody,
    as,
  } = definition
  const repeatable = new Set(
    Object.entries(query?.shape ?? {}).flatMap(([name, schema]) => (isList(schema) ? [name] : [])),
  )
  const accepted = method === 'patch' ? patchTypes : jsonTypes
  const hasId = definition.path.includes('{id}')
  const required = open ? undefined : (as ?? (definition.id as Operation))
  const names: Names = {
    part: 'field',
    readOnly: method === 'patch' ? fieldsOf(definition) : undefined,
  }
  const place: FaultPlace = body ? 'body' : 'parameter'
  const respond = responder(deps.config, noStore ? 'no-store' : 'private, no-cache')

  return async (c: Context): Promise<Response> => {
    const began = performance.now()
    const requestId = requestIdOf(c.req.header('x-request-id'))
    let actor = anonymous
    let answer: Answer
    let limitHeaders: Record<string, string> | undefined
    let attempted: Attempt | undefined
    const networks = () => callerNetworks(c, deps.peerOf, deps.config.trustedHops)
    const charge = (points: number) => {
      limitHeaders = deps.limits.caller.charge(actor.userId, points)
    }
    let reservation: Reservation | undefined
    const read = () => {
      reservation = deps.bodies.open({
        address: networks()[0],
        user: actor === anonymous ? undefined : actor.userId,
      })
      return readBody(c, { max: maxBody, reservation, receive: deps.receiveBody })
    }
    try {
      if (!open) {
        const known = authenticate(deps, c)
        actor = known instanceof Promise ? await known.catch(limitGuesses(deps, networks)) : known
        deps.limits.caller.count(actor.userId)
        if (required) allow(actor, required)
      }
      const id = hasId ? idOf(c.req.param('id')) : ''
      const asked = query
        ? parse(query, queryOf(c.req.queries(), repeatable), { part: 'parameter' })
        : undefined
      if (!query && !undocumented) expectNoQuery(c.req.url)
      const key = idempotent ? c.req.header('idempotency-key') : undefined
      let bytes = body ? await bodyOf(c, accepted, read) : undefined
      if (key !== undefined) bytes ??= await read() // a receipt knows its request by them
      if (bytes && actor !== anonymous) {
        // A body may be sent for a minute, and what was good at its beginning be revoked since.
        const still = authenticate(deps, c)
        if (still instanceof Promise) await still
        if (bytes.byteLength >= BYTES_PER_POINT)
          charge(Math.floor(bytes.byteLength / BYTES_PER_POINT))
      }
      const given =
        body && bytes
          ? parseBody(
              body,
              bodyOptional && bytes.byteLength === 0 ? EMPTY : parseJson(bytes),
              names,
            )
          : undefined
      const precondition = ifMatch ? preconditionOf(c.req.header('if-match')) : undefined
      if (ifMatch === 'required' && precondition === undefined)
        throw new DomainError(
          'precondition_required',
          'Name the revision that you replace, in If-Match.',
        )
      const { db, clock, ids, log, contention, turns, bulk } = deps
      const ctx: Ctx = {
        actor,
        db,
        clock,
        ids,
        log,
        contention,
        turns,
        bulk,
        charge,
        quotas: deps.config.quotas,
      }
      const call: Call<Shape, z.ZodType | undefined> = {
        ctx,
        id,
        query: asked,
        body: given,
        ifMatch: precondition,
        once:
          key !== undefined && bytes
            ? once(ctx, { key, method, path: c.req.path, bytes })
            : always(ctx),
        url: c.req.url,
        userAgent: c.req.header('user-agent'),
        networks,
        params: c.req.param(),
      }
      attempted = attempt && (await attempt(call))
      answer = attempted ? await attempted.run(() => handle(call)) : await handle(call)
    } catch (refused) {
      const error = open && !attempted ? limitRefused(deps, networks, refused) : refused
      logFailure(deps.log, error, { request_id: requestId, operation: definition.id })
      answer = answerOf(error, {
        requestId,
        path: c.req.path,
        place,
        hasCredential: !open && hasCredential(c),
      })
    } finally {
      reservation?.release()
    }
    if (attempted ?? limitHeaders)
      answer = { ...answer, headers: { ...limitHeaders, ...attempted?.headers, ...answer.headers } }
    const response = respond(c, answer, requestId)
    deps.log.info('request', {
      request_id: requestId,
      operation: definition.id,
      status: response.status,
      ms: Math.round((performance.now() - began) * 100) / 100,
      user_id: actor === anonymous ? undefined : actor.userId,
    })
    return response
  }
}

/**
 * X-API-Key takes every credential and wins: a private Space keeps Authorization for its own gate.
 */
const authenticate = (deps: Deps, c: Context): Actor | Promise<Actor> => {
  const key = c.req.header('x-api-key')
  if (key !== undefined) return deps.identity.authenticate(key)
  const authorization = c.req.header('authorization')
  if (authorization === undefined)
    throw new DomainError(
      'unauthenticated',
      'Send an access token or API key: Authorization: Bearer …, or X-API-Key.',
    )
  if (!/^bearer /i.test(authorization))
    throw new DomainError(
      'unauthenticated',
      'The Authorization header has to be: Bearer, a space, the token.',
    )
  return deps.identity.authenticate(authorization.slice(7).trim())
}

const hasCredential = (c: Context): boolean =>
  c.req.header('x-api-key') !== undefined || /^bearer /i.test(c.req.header('authorization') ?? '')

const idOf = (param: string | undefined): string => {
  const id = param?.toLowerCase() ?? ''
  if (!isId(id)) throw new DomainError('not_found', 'There is no such thing: the path holds no id.')
  return id
}

/**
 * Bytes of a body that count as much as a request: to read and to parse them takes a millisecond.
 */
const BYTES_PER_POINT = 64 * 1024

const EMPTY: Json = { value: {}, cut: false }

const bodyOf = async (
  c: Context,
  accepted: readonly string[],
  read: () => Promise<Uint8Array>,
): Promise<Uint8Array> => {
  const type = c.req.header('content-type')
  if (type !== undefined) expectMediaType(type, accepted)
  const bytes = await read()
  // Without a type and without a body the schema says what is missing, which helps more than 415
  // does.
  if (type === undefined && bytes.byteLength > 0) expectMediaType(type, accepted)
  return bytes
}

/** The fields that the operation answers with. */
const fieldsOf = ({ answers }: Definition): ReadonlySet<string> =>
  new Set(
    Object.values(answers).flatMap(({ schema }) =>
      schema instanceof z.ZodObject ? Object.keys(schema.shape) : [],
    ),
  )

const isList = (schema: unknown): boolean => {
  let inner = schema as { _zod: { def: { type: string; innerType?: unknown; in?: unknown } } }
  for (let depth = 0; depth < 8; depth++) {
    const { type, innerType, in: input } = inner._zod.def
    if (type === 'array') return true
    const next = innerType ?? input
    if (next === undefined) return false
    inner = next as typeof inner
  }
  return false
}
