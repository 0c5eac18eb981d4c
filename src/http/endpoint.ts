import type { z } from 'zod'
import type { Access } from '../core/access.ts'
import type { Guess, Input, Operation } from '../core/operation.ts'
import type { ServiceCtx } from '../features/operations.ts'
import type { Once } from './idempotency.ts'
import type { Answer } from './result.ts'

type Query = z.ZodObject | undefined
type Body = z.ZodType | undefined

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** What answers the requests of one method and path. */
export type Endpoint<Q extends Query = Query, B extends Body = Body> = {
  /** Its name in the log. */
  readonly id: string
  readonly access: Access
  readonly method: Method
  /** With `{id}` for the id of the thing that it is about. */
  readonly path: string
  readonly query?: Q
  readonly body?: B
  readonly maxValues?: number
  readonly ifMatch?: 'optional' | 'required'
  /** With `each` it uses the key itself. */
  readonly idempotent?: true | 'each'
  readonly noStore?: true
  readonly guesses?: Guess
  readonly streams?: true
  /** Fields that it answers with and does not take. */
  readonly readOnly?: ReadonlySet<string>
  /** May the body be missing altogether? The schema then gets an empty object. */
  readonly bodyOptional?: true
  /** Does it take a file? */
  readonly upload?: Operation['upload']
  /** Does it take a form (`application/x-www-form-urlencoded`) as well? */
  readonly form?: true
  /** Are parameters that it does not have ignored? */
  readonly anyQuery?: true
  run(call: Call<Q, B>): Promise<Answer>
}

/** A request, checked, as an endpoint gets it. */
export type Call<Q extends Query = Query, B extends Body = Body> = Input<true, Q, B> & {
  readonly ctx: ServiceCtx
  readonly once: Once<ServiceCtx>
  readonly url: string
  /** The request's own id, and its Idempotency-Key. */
  readonly requestId: string
  readonly key: string | undefined
  /** The path's other parameters. */
  readonly params: Readonly<Record<string, string>>
}
