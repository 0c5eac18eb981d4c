import { withAnyScope } from '../../core/access.ts'
import { defineOperation } from '../../core/operation.ts'
import { type BatchCtx, runBatch } from './run.ts'
import { Batch, BatchResults, MOST_VALUES } from './schemas.ts'

export const batchOperations = [
  defineOperation({
    id: 'batch',
    summary: 'Make several requests in one',
    description:
      'The operations run in order, each with the access, the answer and the errors of the single request; a later one may name the ids that earlier ones have made. With an Idempotency-Key each operation that takes one has that key and its place.',
    access: withAnyScope,
    body: Batch,
    maxValues: MOST_VALUES,
    idempotent: 'each',
    ofItsOwn: true,
    output: { description: 'The results, one of each operation.', schema: BatchResults },
    run: (ctx: BatchCtx, { body }) => runBatch(ctx, body),
  }),
] as const
