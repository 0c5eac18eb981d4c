// Idempotency-Key: the answer is written in the batch of what it answers, so that a crash leaves
// both or neither.

import type { Ctx } from '../core/context.ts'
import { DomainError, invalid } from '../core/errors.ts'
import {
  expectRoomForReceipt,
  findReceipt,
  keepReceipt,
  type Receipt,
} from '../core/idempotency-records.ts'
import { sha256 } from '../core/secrets.ts'
import { AlreadyAnswered } from '../core/unit-of-work.ts'
import { withKind } from '../features/tasks/index.ts'
import type { Answer } from './result.ts'

type KeyedRequest = {
  readonly key: string
  /** Of an operation of a batch, whose key it is: each has its own receipt. */
  readonly index?: number
  readonly method: string
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * Runs a verb; `forget` names the fields of the answer's body that no repetition may show again.
 * `repeated` makes what a repetition gets of the first result.
 */
export type Once<C extends Ctx> = <R>(
  run: (ctx: C) => Promise<R>,
  present: (result: R) => Answer,
  options?: {
    forget?: readonly string[]
    repeated?: ((ctx: C, first: R) => Promise<R>) | undefined
  },
) => Promise<Answer>

/** Without a key there is nothing to remember. */
export const always =
  <C extends Ctx>(ctx: C): Once<C> =>
  async (run, present) =>
    present(await run(ctx))

/** Throws `invalid`. */
export const expectKey = (key: string): void => {
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return
  throw invalid({
    at: ['Idempotency-Key'],
    header: true,
    code: 'malformed',
    detail: 'An Idempotency-Key is 1 to 255 printable ASCII characters.',
  })
}

/**
 * With a key: the first 2xx answer is given to every repetition within 24 hours. Repetitions that
 * run at the same time are decided by the database: one batch commits, the others find its receipt
 * and give its answer.
 */
export const once = <C extends Ctx>(
  ctx: C,
  { key, index, method, path, bytes }: KeyedRequest,
): Once<C> => {
  const own = index === undefined ? key : `${key}/${index}`
  const scope = sha256(JSON.stringify([ctx.actor.userId, method, path, own]))
  const fingerprint = sha256(bytes)
  const recall = async (): Promise<Answer | undefined> => {
    const receipt = await findReceipt(ctx, await scope)
    return receipt && replay(receipt, await fingerprint)
  }
  return async (run, present, { forget = [], repeated } = {}) => {
    type Result = Awaited<ReturnType<typeof run>>
    const asNow = async (first: Answer): Promise<Answer> => {
      if (!repeated) return first
      const { headers, ...answer } = present(await repeated(ctx, first.body as Result))
      return { ...answer, headers: { ...headers, ...REPLAYED } }
    }
    expectKey(key)
    const known = await recall()
    if (known) return asNow(known)
    await expectRoomForReceipt(ctx)
    const [scopeHash, bodyHash] = [await scope, await fingerprint]
    const receipt = {
      write: (result: unknown) =>
        keepReceipt(
          ctx,
          scopeHash,
          receiptOf(present(result as Parameters<typeof present>[0]), bodyHash, forget),
        ),
      exists: async () => (await findReceipt(ctx, scopeHash)) !== undefined,
    }
    try {
      return present(await run({ ...ctx, receipt }))
    } catch (error) {
      const answered = error instanceof AlreadyAnswered ? await recall() : undefined
      if (!answered) throw error
      return asNow(answered)
    }
  }
}

const REPLAYED = { 'Idempotency-Replayed': 'true' }

const receiptOf = (
  { status, body, headers = {} }: Answer,
  fingerprint: string,
  forget: readonly string[],
): Receipt => ({
  fingerprint,
  status,
  headers: { ...headers },
  body: JSON.stringify(body, (name, value) => (forget.includes(name) ? undefined : value)) ?? '',
})

const replay = (receipt: Receipt, fingerprint: string): Answer => {
  if (receipt.fingerprint !== fingerprint)
    throw new DomainError(
      'invalid',
      'This Idempotency-Key belongs to a request with another body.',
      [
        {
          at: ['Idempotency-Key'],
          header: true,
          code: 'reused',
          detail: 'The key was used with another body.',
        },
      ],
    )
  const answer = {
    status: receipt.status,
    headers: { ...receipt.headers, ...REPLAYED },
  }
  return receipt.body === '' ? answer : { ...answer, body: JSON.parse(receipt.body, withKind) }
}
