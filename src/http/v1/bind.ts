import { z } from 'zod'
import type { Operation } from '../../core/operation.ts'
import type { ServiceCtx } from '../../features/operations.ts'
import type { Endpoint } from '../endpoint.ts'
import type { Route } from './routes.ts'

type AnyOperation = Operation<string, ServiceCtx>

/** The fields of what an operation answers. */
const fieldsOf = ({ output: { schema } }: AnyOperation): ReadonlySet<string> =>
  new Set(schema instanceof z.ZodObject ? Object.keys(schema.shape) : [])

/** An operation at a method and path. */
export const endpointOf = (operation: AnyOperation, { method, path, answer }: Route): Endpoint => {
  const { id, access, query, body, bodyOptional, maxValues, upload } = operation
  const { ifMatch, idempotent, noStore, guesses, shownOnce, repeated, streams } = operation
  return {
    id,
    access,
    method,
    path,
    ...(query && { query }),
    ...(body && { body }),
    ...(bodyOptional && { bodyOptional }),
    ...(maxValues && { maxValues }),
    ...(upload && { upload }),
    ...(ifMatch && { ifMatch }),
    ...(idempotent && { idempotent }),
    ...(noStore && { noStore }),
    ...(guesses && { guesses }),
    ...(streams && { streams }),
    ...(method === 'patch' && { readOnly: fieldsOf(operation) }),
    run:
      idempotent === true
        ? (call) =>
            call.once(
              (ctx) => operation.run(ctx, call),
              (result) => answer.present(result, call.url),
              { ...(shownOnce && { forget: shownOnce }), repeated },
            )
        : async (call) => answer.present(await operation.run(call.ctx, call), call.url),
  }
}
