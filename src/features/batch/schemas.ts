import { component, z } from '../../core/zod.ts'

/** Operations in a batch. */
const MOST_OPERATIONS = 500
/** Values in its body: forty for each operation. */
export const MOST_VALUES = 20_000

const example = {
  operations: [
    { operation: 'createTask', params: { body: { title: 'Sweep the chimney' } } },
    { operation: 'listLabels', params: { query: { limit: 10 } } },
  ],
}

const BatchOperation = z
  .strictObject({
    operation: z.string().max(100).openapi({
      description: 'The name of the operation: its `operationId` in the document of the API.',
    }),
    params: z.record(z.string(), z.unknown()).default({}).openapi({
      description:
        'What the single request says: `id` (that of its path), `query`, `body`, `if_match` (a revision, several, or `*`) and `idempotency_key`, those of them that the operation takes.',
    }),
  })
  .openapi('BatchOperation', { example: example.operations[0] })

export const Batch = z
  .strictObject({
    operations: z.array(BatchOperation).min(1).max(MOST_OPERATIONS),
    on_error: component('BatchOnError', z.enum(['continue', 'stop']))
      .default('continue')
      .openapi({
        description:
          'Whether an operation that is refused keeps those behind it from being run. What was done before it stays done.',
      }),
  })
  .openapi('Batch', { example })
export type Batch = z.output<typeof Batch>

const result = { status: 204, headers: {}, body: null }
export const BatchResult = z
  .object({
    status: z.int().openapi({
      description: 'The status that the single request would have; 424 where it was not run.',
    }),
    headers: z.record(z.string(), z.string()).openapi({
      description: 'Those headers of the single answer that are its own, such as `ETag`.',
    }),
    body: z.record(z.string(), z.unknown()).nullable().openapi({
      description:
        'What the single request would answer, or a problem; null where that has no body.',
    }),
  })
  .openapi('BatchResult', { example: result })
export type BatchResult = z.output<typeof BatchResult>

export const BatchResults = z
  .object({
    results: z.array(BatchResult).openapi({ description: 'One of each operation, in order.' }),
  })
  .openapi('BatchResults', { example: { results: [result] } })
