// Problems (RFC 9457), as the service answers them.
import type { Problem, ProblemCode } from './schema.ts'

/** Is it what the service answers, with this code? */
export const isProblem = (body: unknown, code: ProblemCode): body is Problem =>
  typeof body === 'object' && body !== null && (body as { code?: unknown }).code === code

/** An answer that is no success. */
export class TaskportError extends Error {
  override readonly name = 'TaskportError'
  readonly status: number
  /** What the service said; text where a proxy has answered in its place. */
  readonly body: unknown
  /** Milliseconds after which the service is to be asked again, where it says so. */
  readonly retryAfter: number | undefined

  constructor(response: Response, body: unknown) {
    const { detail } = (body ?? {}) as Partial<Problem>
    super(detail ?? `the service answered ${response.status}`)
    this.status = response.status
    this.body = body
    const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10)
    this.retryAfter = seconds >= 0 ? seconds * 1_000 : undefined
  }
}

const LATER: ReadonlySet<number> = new Set([408, 425, 429])

/** The service answers JSON with a code. What is no problem of it comes from something between. */
const isOfService = (body: unknown): boolean =>
  typeof (body as { code?: unknown } | null | undefined)?.code === 'string'

/** May the same request be answered in another way later? */
export const isPassing = ({ status, body }: Pick<TaskportError, 'status' | 'body'>): boolean =>
  status >= 500 || LATER.has(status) || !isOfService(body) || isProblem(body, 'write_conflict')
