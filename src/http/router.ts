// Mounts endpoints. Every request takes the same steps, each a function of its own: who is calling,
// may they, what do they say, do it, answer.
import { type Context, Hono } from 'hono'
import type { z } from 'zod'
import { permitted } from '../core/operation.ts'
import { tellUnknownZones } from '../core/time-zones.ts'
import { authenticate, hasCredential } from './authentication.ts'
import { admitFor, contextOf, onceOf, runAttempt } from './call.ts'
import type { Deps } from './deps.ts'
import type { Call, Endpoint } from './endpoint.ts'
import { type Exchange, networksOf, newExchange, userOf } from './exchange.ts'
import {
  bodyOf,
  inputRulesOf,
  keyOf,
  readBytes,
  readId,
  readPrecondition,
  readQuery,
} from './input.ts'
import type { Note } from './observation.ts'
import { answerOf, codeOf } from './problem.ts'
import { limitRefused } from './refusal-limits.ts'
import { responder } from './respond.ts'
import type { Answer } from './result.ts'
import { uploadOf } from './upload.ts'

/** Where endpoints are mounted. */
export type Api = {
  readonly app: Hono
  mount<Q extends z.ZodObject | undefined = undefined, B extends z.ZodType | undefined = undefined>(
    endpoint: Omit<Endpoint<Q, B>, 'run'>,
    run: Endpoint<Q, B>['run'],
  ): void
}

type ApiOptions = {
  /** What the app itself will be mounted at. */
  readonly prefix?: string
  /** Is `/path/` another path than `/path`? */
  readonly strict?: boolean
  /** Gives a problem another form. */
  readonly present?: (problem: Answer) => Answer
}

const asItIs = (problem: Answer): Answer => problem

export const createApi = (
  deps: Deps,
  { prefix = '', strict = true, present = asItIs }: ApiOptions = {},
): Api => {
  const app = new Hono({ strict })
  return {
    app,
    mount: (endpoint, run) => {
      const path = endpoint.path.replace(/\{(\w+)\}/g, ':$1')
      const route = `${endpoint.method.toUpperCase()} ${prefix}${path}`
      const note = deps.observation.of(endpoint.id, route)
      app.on(
        endpoint.method,
        path,
        handlerOf(deps, { ...endpoint, run } as unknown as Endpoint, { note, present }),
      )
    },
  }
}

/**
 * One function a route and no middleware: Hono then calls it directly, and headers are set once,
 * where the answer is made. The steps of a read are plain functions: a promise more would cost as
 * much as some of them.
 */
const handlerOf = (
  deps: Deps,
  endpoint: Endpoint,
  { note, present }: { note: Note } & Required<Pick<ApiOptions, 'present'>>,
) => {
  const { access, body, guesses, noStore, upload } = endpoint
  const rules = inputRulesOf(endpoint)
  const admit = admitFor(deps)
  const respond = responder(deps.config, noStore ? 'no-store' : 'private, no-cache')

  return async (c: Context): Promise<Response> => {
    const exchange = newExchange(deps, c)
    let answer: Answer
    try {
      if (access.actors !== 'open') {
        const known = authenticate(exchange)
        exchange.actor = known instanceof Promise ? await known : known
        deps.limits.caller.count(exchange.actor.userId)
      }
      const run = permitted(endpoint, exchange.actor)
      const id = readId(rules, c)
      const query = readQuery(endpoint, rules, c)
      const key = keyOf(endpoint, c)
      // A receipt knows its request by its bytes.
      const bytes =
        body || key !== undefined ? await readBytes(endpoint, rules, exchange) : undefined
      const given = bodyOf(endpoint, rules, bytes, c)
      const ifMatch = readPrecondition(endpoint, c)
      const ctx = contextOf(endpoint, exchange, admit)
      const keyed =
        key !== undefined && bytes && endpoint.idempotent === true ? { key, bytes } : undefined
      const call: Call = {
        upload: upload && uploadOf(upload, exchange),
        ctx,
        id,
        query,
        body: given,
        ifMatch,
        once: onceOf(ctx, endpoint, c.req.path, keyed),
        url: c.req.url,
        requestId: exchange.requestId,
        key,
        params: c.req.param(),
      }
      answer = await (guesses ? runAttempt(guesses, exchange, call, run) : run(call))
    } catch (error) {
      answer = present(refusalOf(endpoint, exchange, error))
    } finally {
      exchange.reservation?.release()
    }
    const response = respond(c, withLimits(exchange, answer), exchange.requestId)
    note({
      requestId: exchange.requestId,
      status: response.status,
      began: exchange.began,
      code: exchange.code,
      userId: userOf(exchange),
      error: exchange.error,
    })
    tellUnknownZones(deps.log)
    return response
  }
}

/** What is answered where a step has refused the request, or has failed. */
const refusalOf = ({ access, body }: Endpoint, exchange: Exchange, refused: unknown): Answer => {
  const { deps, c, requestId, attempt } = exchange
  const isOpen = access.actors === 'open'
  const error =
    isOpen && !attempt ? limitRefused(deps, () => networksOf(exchange), refused) : refused
  exchange.error = error
  exchange.code = codeOf(error)
  return answerOf(error, {
    requestId,
    path: c.req.path,
    part: body ? 'body' : 'parameter',
    hasCredential: !isOpen && hasCredential(c),
  })
}

/** The answer, with where the caller stands with the limits that counted the request. */
const withLimits = ({ limitHeaders, attempt }: Exchange, answer: Answer): Answer =>
  (attempt ?? limitHeaders)
    ? { ...answer, headers: { ...limitHeaders, ...attempt?.headers, ...answer.headers } }
    : answer
