// The operations of a batch, called and answered as their single requests are.
import { DomainError, invalid } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { isBatchable, permitted } from '../../core/operation.ts'
import type { Revisions } from '../../core/precondition.ts'
import { RunsAlone } from '../../core/together.ts'
import { parse } from '../../core/validation.ts'
import { z } from '../../core/zod.ts'
import type { BatchResult, One, Singles } from '../../features/batch/index.ts'
import { type OperationId, operations, type ServiceCtx } from '../../features/operations.ts'
import type { Deps } from '../deps.ts'
import type { Call, Endpoint } from '../endpoint.ts'
import { revisionsOf } from '../etags.ts'
import { always, expectKey, once } from '../idempotency.ts'
import { inputRulesOf } from '../input.ts'
import { logFailure } from '../observation.ts'
import { answerOf, codeOf, HttpProblem } from '../problem.ts'
import type { Answer } from '../result.ts'
import { endpointOf } from './bind.ts'
import { asTexts } from './query-texts.ts'
import { routes, V1 } from './routes.ts'

/** An operation that may be a part of a batch, with what there is to know of it beforehand. */
type Part = {
  readonly endpoint: Endpoint
  readonly params: z.ZodType<Params>
  readonly query: Parameters<typeof asTexts>[0]
  readonly names: ReturnType<typeof inputRulesOf>['bodyNames']
  /** Is it a page of a list? It may take long, and be long, so that it runs alone. */
  readonly isList: boolean
}
type Params = {
  readonly id?: string | undefined
  readonly query?: unknown
  readonly body?: unknown
  readonly if_match?: string | string[] | undefined
  readonly idempotency_key?: string | undefined
}

const Tag = z.string().max(1000)
const partOf = (id: OperationId): Part => {
  const operation = operations[id] as Parameters<typeof endpointOf>[0]
  const endpoint = endpointOf(operation, routes[id])
  const { takesId, query, body, bodyOptional, ifMatch, idempotent } = operation
  return {
    endpoint,
    params: z.strictObject({
      ...(takesId && { id: z.string() }),
      ...(query && { query: z.record(z.string(), z.unknown()).default({}) }),
      ...(body && { body: bodyOptional ? z.unknown().optional() : z.unknown() }),
      ...(ifMatch && { if_match: z.union([Tag, z.array(Tag).max(100)]).optional() }),
      ...(idempotent && { idempotency_key: z.string().optional() }),
    }) as z.ZodType<Params>,
    query: operation,
    names: inputRulesOf(endpoint).bodyNames,
    isList: query !== undefined && 'limit' in query.shape,
  }
}

const partsOf = (): ReadonlyMap<string, Part> =>
  new Map(
    (Object.keys(operations) as OperationId[])
      .filter((id) => isBatchable(operations[id] as Parameters<typeof isBatchable>[0]))
      .map((id) => [id, partOf(id)]),
  )

const revisionsIn = (given: string | string[] | undefined): Revisions =>
  Array.isArray(given)
    ? given.flatMap((one) => revisionsOf(one) as readonly string[])
    : revisionsOf(given)

const encoder = new TextEncoder()

/** The call that the single request would be. Throws what refuses its input. */
const callOf = (part: Part, params: Params, ctx: ServiceCtx, around: Around): Call => {
  const { endpoint, names } = part
  const id = params.id?.toLowerCase() ?? ''
  if (params.id !== undefined && !isId(id))
    throw new DomainError('not_found', 'There is no such thing: the path holds no id.')
  const query =
    endpoint.query &&
    parse(endpoint.query, asTexts(part.query, params.query), { part: 'parameter' })
  const sent = params.body === undefined && endpoint.bodyOptional ? {} : params.body
  const body = endpoint.body && parse(endpoint.body, sent, names)
  const ifMatch = revisionsIn(params.if_match)
  if (endpoint.ifMatch === 'required' && ifMatch === undefined)
    throw new DomainError(
      'precondition_required',
      'Name the revision that you replace, in if_match.',
    )
  const keyed =
    params.idempotency_key === undefined
      ? endpoint.idempotent && around.keyed
      : { key: params.idempotency_key }
  const bytes = encoder.encode(params.body === undefined ? '' : JSON.stringify(params.body))
  const path = pathOf(part, params)
  const { url } = around
  return {
    ctx,
    id,
    query,
    body,
    ifMatch,
    once: keyed ? once(ctx, { ...keyed, method: endpoint.method, path, bytes }) : always(ctx),
    url: part.isList ? new URL(`${path}${searchOf(params.query)}`, url).href : url,
    requestId: around.requestId,
    key: undefined,
    params: { id },
  }
}

const searchOf = (query: unknown): string => {
  const search = new URLSearchParams()
  for (const [name, given] of Object.entries(query ?? {}))
    for (const one of [given].flat()) search.append(name, String(one))
  return search.size > 0 ? `?${search}` : ''
}

/** As the single request has it, where what it names could be an id. */
const pathOf = ({ endpoint }: Part, { id = '' }: Params): string =>
  `${V1}${/^[\w-]{1,100}$/.test(id) ? endpoint.path.replace('{id}', id.toLowerCase()) : endpoint.path}`

type Around = {
  readonly keyed: { readonly key: string; readonly index: number } | undefined
  readonly url: string
  readonly requestId: string
}
type AroundAll = Omit<Around, 'keyed'> & { readonly key: string | undefined }

const resultOf = ({ status, headers = {}, body = null }: Answer): BatchResult => {
  const { 'Content-Type': _, ...own } = headers
  return { status, headers: own, body: body as BatchResult['body'] }
}

const plain = (name: string): string => name.replace(/[^a-z]/gi, '').toLowerCase()

/** `names`: those of the operations that there are. */
const notInBatch = (name: string, exists: boolean, names: Iterable<string>): DomainError => {
  const meant = [...names].find((one) => plain(one) === plain(name))
  const hint = meant
    ? `Write ${meant}.`
    : 'Its name is the operationId that the OpenAPI document (/openapi.json) has.'
  return invalid({
    at: ['operation'],
    code: exists ? 'not_in_batch' : 'unknown',
    detail: exists
      ? `${name} is a request of its own and no part of a batch.`
      : `There is no operation ${JSON.stringify(name.slice(0, 60))}. ${hint}`,
  })
}

/** How the operations of one batch are called. */
const singlesOf = (deps: Deps, parts: ReadonlyMap<string, Part>, around: AroundAll) => {
  const refusal = (one: One, error: unknown): BatchResult => {
    const part = parts.get(one.operation)
    const id = one.params['id']
    const path = part ? pathOf(part, typeof id === 'string' ? { id } : {}) : `${V1}/batch`
    const { requestId } = around
    const answer = answerOf(error, {
      requestId,
      path,
      part: !part || part.endpoint.body ? 'body' : 'parameter',
      hasCredential: true,
    })
    const code = codeOf(error)
    if (answer.status >= 500)
      logFailure(
        deps.log,
        { request_id: requestId, operation: one.operation, status: answer.status, code },
        error,
      )
    return resultOf(answer)
  }
  const run = async (one: One, index: number, ctx: ServiceCtx): Promise<BatchResult> => {
    try {
      const part = parts.get(one.operation)
      if (!part)
        throw notInBatch(one.operation, Object.hasOwn(operations, one.operation), parts.keys())
      const act = permitted(part.endpoint, ctx.actor)
      const params = parse(part.params, one.params, { part: 'field' })
      const { key, ...rest } = around
      const keyed = key === undefined ? undefined : { key, index }
      return resultOf(await act(callOf(part, params, ctx, { ...rest, keyed })))
    } catch (error) {
      // What it had decided before it was refused must not be committed with the others.
      if (error instanceof RunsAlone || ctx.collector?.hasTaken()) throw new RunsAlone()
      return refusal(one, error)
    }
  }
  const singles: Singles<ServiceCtx> = {
    call: (one, index) => ({
      run: (ctx) => run(one, index, ctx),
      failed: (error) => refusal(one, error),
      alone: parts.get(one.operation)?.isList ?? false,
    }),
    notRun: (one, why) => refusal(one, new HttpProblem('not_run', why)),
  }
  return singles
}

/** The endpoint of batches, with what calls single operations. */
export const withSingles = (deps: Deps, run: Endpoint['run']): Endpoint['run'] => {
  const parts = partsOf()
  return (call) => {
    const { key, url, requestId } = call
    if (key !== undefined) expectKey(key)
    const singles = singlesOf(deps, parts, { key, url, requestId }) as Singles
    return run({ ...call, ctx: { ...call.ctx, singles } })
  }
}
