// Calls operations by name, with input that nothing has checked: for transports whose requests name
// an operation instead of a method and a path.
import { DomainError } from '../core/errors.ts'
import { type Guess, type Input, type Operation, permitted } from '../core/operation.ts'
import { Id } from '../core/schemas.ts'
import { isList, parse } from '../core/validation.ts'
import { z } from '../core/zod.ts'
import { type OperationId, operations, type ServiceCtx } from './operations.ts'

export type InvokeCtx = ServiceCtx & {
  /** Runs what could be used to guess, counted as an attempt. Throws what refuses too many. */
  attempt<R>(guess: Guess, body: unknown, run: () => Promise<R>): Promise<R>
}

type AnyOperation = Operation<string, ServiceCtx>

const IfMatch = z.union([z.string().max(1000), z.array(z.string().max(1000)).max(100)])

/**
 * What an operation takes, in one schema: `id`, `query`, `body`, `if_match` (a revision, several, or
 * `*`), those of them that it has.
 */
const schemaOf = ({ takesId, query, body, bodyOptional, ifMatch }: AnyOperation) =>
  z.strictObject({
    ...(takesId && { id: Id }),
    ...(query && { query }),
    ...(body && { body: bodyOptional ? body.default({}) : body }),
    ...(ifMatch && { if_match: IfMatch.optional() }),
  })

const isObject = (given: unknown): given is object =>
  typeof given === 'object' && given !== null && !Array.isArray(given)

/**
 * A query as a URL would say it: numbers and booleans as text, and one choice of a list as a list of
 * one.
 */
export const asTexts = ({ query }: AnyOperation, given: unknown): unknown => {
  if (!isObject(given)) return given
  const textOf = (value: unknown) =>
    typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  const choiceOf = ([name, value]: [string, unknown]): [string, unknown] =>
    !Array.isArray(value) && Object.hasOwn(query?.shape ?? {}, name) && isList(query?.shape[name])
      ? [name, [textOf(value)]]
      : [name, textOf(value)]
  return Object.fromEntries(Object.entries(given).map(choiceOf))
}

/** Throws `invalid`, with the path of each fault in what was given, and `precondition_required`. */
const inputOf = (operation: AnyOperation, given: unknown = {}): Input<true> => {
  const texts =
    operation.query && isObject(given)
      ? { ...given, query: asTexts(operation, 'query' in given ? given.query : {}) }
      : given
  const { id, query, body, if_match } = parse(schemaOf(operation), texts, { part: 'field' }) as {
    id: string
    query: Input['query']
    body: unknown
    if_match: string | string[] | undefined
  }
  if (operation.ifMatch === 'required' && if_match === undefined)
    throw new DomainError('precondition_required', 'Name the revision that you replace: if_match.')
  const ifMatch = typeof if_match === 'string' && if_match !== '*' ? [if_match] : if_match
  return { id, query, body, ifMatch: ifMatch as Input['ifMatch'] }
}

/**
 * Checks access, then the input, and runs the operation. Answers what its output schema describes.
 * Counting requests is the caller's. Throws `not_found` for an unknown name, `session_required`,
 * `insufficient_scope`, `invalid`, `precondition_required`, and what the operation throws.
 */
export const invoke = async (
  name: string,
  caller: InvokeCtx,
  given?: unknown,
): Promise<unknown> => {
  if (!Object.hasOwn(operations, name))
    throw new DomainError(
      'not_found',
      `There is no operation ${JSON.stringify(name.slice(0, 60))}.`,
    )
  const operation: AnyOperation = operations[name as OperationId]
  // Several calls may share a context.
  const ctx: InvokeCtx = { ...caller, moment: {} }
  const run = permitted(operation, ctx.actor)
  const input = inputOf(operation, given)
  const { guesses } = operation
  return guesses ? ctx.attempt(guesses, input.body, () => run(ctx, input)) : run(ctx, input)
}
