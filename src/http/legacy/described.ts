// What the document of the original contract says of a route, beside what follows from its operation.
import type { Operation } from '../../core/operation.ts'
import type { ServiceCtx } from '../../features/operations.ts'
import type { ProblemCode } from '../problem.ts'
import type { SchemaName } from './schemas.ts'

type ServiceOperation = Operation<string, ServiceCtx>

export type Described = {
  /** The operation that does the same: who may call it, and what it refuses. */
  readonly operation: ServiceOperation
  /** Where it does not do exactly that. */
  readonly summary?: string
  readonly description?: string | undefined
  readonly answer: {
    /** `default` where there is nothing but refusals. */
    readonly status: number | 'default'
    readonly description: string
    readonly schema?: SchemaName
  }
  readonly refuses?: readonly ProblemCode[]
}
