// An operation is a value: what it is called, who may call it, what it takes and answers, and the
// verb that does it. Transports bind operations; tests and documents are made from the list of them
// (features/operations.ts).
import type { z } from 'zod'
import type { Access } from './access.ts'
import type { Actor, Ctx } from './context.ts'
import { DomainError, type ErrorCode } from './errors.ts'
import type { Revisions } from './precondition.ts'

type Query = z.ZodObject | undefined
type Schema = z.ZodType | undefined
type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined

/** What a call can be used to guess: a transport counts it as an attempt before it runs. */
export type Guess = 'registration' | 'sign_in' | 'redemption' | 'proof'

/** A file that a caller sends, of which nothing is read yet. */
export type Upload = {
  readonly name: string | undefined
  /**
   * Passes on its bytes, chunk by chunk; where a promise is answered, the next one waits for it.
   * Throws what refuses the file.
   */
  receive(sink: (chunk: Uint8Array) => Promise<void> | undefined): Promise<void>
}

/** What is sent while it is made: a text of this media type, in chunks. */
export type Download = {
  readonly type: string
  readonly name: string
  readonly chunks: AsyncIterable<string>
}

/** A call's input, validated. `id` is that of the thing which the operation is about. */
export type Input<T = boolean, Q = Query, B = Schema> = {
  readonly id: T extends true ? string : undefined
  readonly query: Parsed<Q>
  readonly body: Parsed<B>
  readonly ifMatch: Revisions
  /** Of an operation that takes one. */
  readonly upload?: Upload | undefined
}

/** What `run` answers: what the schema of the output describes, or nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: a verb that answers nothing is a Promise<void>.
type Output<S> = S extends z.ZodType ? z.output<S> : void
/** A text of another kind than JSON, with the schema of what is JSON. */
export type Media = Readonly<Record<string, z.ZodType>>

/** `C` is what its verb needs of a context. */
export type Operation<
  Id extends string = string,
  C extends Ctx = Ctx,
  T extends boolean = boolean,
  Q extends Query = Query,
  B extends Schema = Schema,
  S extends Schema = Schema,
> = {
  /** Its name, unique among all: in the document, in the log, and where it is called by name. */
  readonly id: Id
  readonly summary: string
  readonly description?: string
  readonly access: Access
  /** Is it about one thing, which the caller names by its id? */
  readonly takesId?: T
  /** Choices of a list, each a text or a list of texts. */
  readonly query?: Q
  readonly body?: B
  /** Values in its body, of all lists and objects together, at most; 1,000 unless told. */
  readonly maxValues?: number
  /** May the body be missing? Then it is {}. */
  readonly bodyOptional?: true
  /** Does it take a file, of at most so many bytes and one of these media types? */
  readonly upload?: { readonly max: number; readonly media: Media }
  /** `media`: what it answers is a Download of one of these types. */
  readonly output: { readonly description: string; readonly schema?: S; readonly media?: Media }
  /** Error codes besides those that follow from its schemas and access (`http/document.ts`). */
  readonly refuses?: readonly ErrorCode[]
  /** Does it look at If-Match? */
  readonly ifMatch?: 'optional' | 'required'
  /**
   * Does a repeated Idempotency-Key get the first answer? With `each` the key is one for each call
   * that it makes.
   */
  readonly idempotent?: true | 'each'
  /**
   * Is it a request of its own, and no part of a batch: because it makes many calls or changes itself, or because
   * it takes or answers what is no small document?
   */
  readonly ofItsOwn?: true
  /**
   * What a repetition gets, of the first answer: for an operation that answers before all is done. Without this it
   * gets the first answer.
   */
  repeated?(ctx: C, first: Output<S>): Promise<Output<S>>
  /** Fields of the answer that no repetition may show again. */
  readonly shownOnce?: readonly string[]
  /** Is there something in its answer that nothing on the way may store: a token, a key? */
  readonly noStore?: true
  readonly guesses?: Guess
  /** Does it answer for as long as the credential is good? */
  readonly streams?: true
  run(ctx: C, input: Input<T, Q, B>): Promise<Output<S>>
}

export const defineOperation = <
  const Id extends string,
  C extends Ctx = Ctx,
  T extends boolean = false,
  Q extends Query = undefined,
  B extends Schema = undefined,
  S extends Schema = undefined,
>(
  operation: Operation<Id, C, T, Q, B, S>,
): Operation<Id, C, T, Q, B, S> => operation

/**
 * May it be a part of a batch? What API keys may do, and what has nothing in it that could be used
 * to guess, or that nothing on the way may store, and no file.
 */
export const isBatchable = (operation: Operation): boolean => {
  const { access, guesses, noStore, shownOnce, ofItsOwn, upload, output } = operation
  const isFile = upload !== undefined || output.media !== undefined
  return access.scope !== null && !guesses && !noStore && !shownOnce && !ofItsOwn && !isFile
}

/** Operations by their ids. Throws where two have the same. */
export const byId = <const L extends readonly { readonly id: string }[]>(
  list: L,
): { readonly [O in L[number] as O['id']]: O } => {
  const found = new Map(list.map((operation) => [operation.id, operation]))
  const twice = list.find((operation) => found.get(operation.id) !== operation)
  if (twice) throw new Error(`there are two operations with the id ${twice.id}`)
  return Object.fromEntries(found) as { readonly [O in L[number] as O['id']]: O }
}

/**
 * Throws `session_required` or `insufficient_scope` when the caller's credential may not do this to
 * any resource.
 */
const allow = (actor: Actor, { scope, actors }: Access): void => {
  if (actors === 'open' || actor.kind === 'system') return
  if (actor.kind === 'anonymous')
    throw new DomainError('unauthenticated', 'This takes an access token or an API key.')
  if (!actors.includes(actor.kind))
    throw new DomainError(
      'session_required',
      `This takes a session: sign in with a password, not with ${naming[actor.kind]}.`,
    )
  if (actor.kind !== 'key' || scope === 'any') return
  if (scope === null || !actor.scopes.includes(scope))
    throw new DomainError('insufficient_scope', `The API key lacks the scope ${scope}.`)
}
const naming = {
  session: 'a session',
  key: 'an API key',
  external: "another issuer's token",
} as const

/**
 * What runs an operation for this caller. The one place where access is checked: each transport
 * gets here once a call, before it looks at the input, so that a caller who may not is told that
 * first. Throws `session_required`, `insufficient_scope`.
 */
export const permitted = <R>(
  { access, run }: { readonly access: Access; readonly run: R },
  actor: Actor,
): R => {
  allow(actor, access)
  return run
}
