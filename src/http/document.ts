// Operations as OpenAPI. The document is made from the routes and written nowhere else.
import { groupBy } from '../core/group-by.ts'
import type { Media, Operation } from '../core/operation.ts'
import { component, z } from '../core/zod.ts'
import { mediaTypesOf } from './input.ts'
import { type ProblemCode as Code, problemOf } from './problem.ts'
import { exampleOf, problemCodes } from './problem-examples.ts'
import type { Route } from './v1/routes.ts'

export const ProblemCode = component('ProblemCode', z.enum(problemCodes), {
  description: 'Stable; what programs look at. A later version may add codes.',
})
export const Fault = z
  .object({
    pointer: z.string().optional().openapi({ description: 'A field of the body (RFC 6901).' }),
    parameter: z
      .string()
      .optional()
      .openapi({ description: 'A parameter of the query or a header.' }),
    code: z.string(),
    detail: z.string(),
  })
  .openapi('Fault', {
    description: 'One fault of a request: of a field or of a parameter.',
    example: { pointer: '/title', code: 'required', detail: 'This is required.' },
  })
export const Problem = z
  .object({
    type: z.string().openapi({ format: 'uri' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: ProblemCode,
    request_id: z.string(),
    errors: z.array(Fault).optional(),
  })
  .openapi('Problem', {
    description: 'What went wrong (RFC 9457).',
    example: exampleOf('invalid').value,
  })

export const header = (description: string) => ({
  description,
  schema: { type: 'string' as const },
})
const problemHeaders: Partial<Record<number, Record<string, ReturnType<typeof header>>>> = {
  401: {
    'WWW-Authenticate': header(
      'How to authenticate, and with `error="invalid_token"` that the credential is not valid (RFC 6750).',
    ),
  },
  403: {
    'WWW-Authenticate': header(
      '`error="insufficient_scope"` where the credential may not do this (RFC 6750).',
    ),
  },
  409: {
    'Retry-After': header('With `write_conflict`: seconds until the next attempt may be made.'),
  },
  429: { 'Retry-After': header('Seconds until the next request may be made.') },
  503: { 'Retry-After': header('Seconds until the next request may be made.') },
}

/** What an operation can refuse follows from these. */
export type Refusing = Pick<
  Operation,
  'access' | 'body' | 'ifMatch' | 'takesId' | 'idempotent' | 'upload'
> & {
  readonly refuses?: readonly Code[]
}
/** Does it make something whose id the client may make? */
const takesNewId = ({ body, takesId }: Pick<Operation, 'body' | 'takesId'>): boolean =>
  !takesId && body instanceof z.ZodObject && 'id' in body.shape

/** Everything that an operation can refuse: what its parts imply, and what it says itself. */
export const refusals = (operation: Refusing): Code[] => {
  const { access, body, ifMatch, takesId, refuses = [], idempotent, upload } = operation
  const isRead = body || idempotent || upload
  return [
    'rate_limited',
    'unavailable',
    'superseded',
    // Reads, too: another issuer's token makes its user when it is first seen.
    'storage_full',
    ...(access.actors === 'open' ? [] : (['unauthenticated', 'insufficient_scope'] as const)),
    // Every operation refuses parameters that it does not have.
    'invalid',
    ...(body ? (['malformed_json', 'malformed_text', 'unsupported_media_type'] as const) : []),
    ...(upload ? (['unsupported_media_type'] as const) : []),
    ...(isRead ? (['incomplete_body', 'request_timeout', 'too_large'] as const) : []),
    // The answer is kept for the user.
    ...(idempotent ? (['quota_exceeded'] as const) : []),
    ...(takesId ? (['not_found'] as const) : []),
    ...(takesNewId(operation) ? (['id_taken'] as const) : []),
    ...(ifMatch ? (['precondition_failed'] as const) : []),
    ...(ifMatch === 'required' ? (['precondition_required'] as const) : []),
    ...refuses,
  ]
}

export const requestHeaders = ({ ifMatch, idempotent }: Pick<Refusing, 'ifMatch' | 'idempotent'>) =>
  z.object({
    ...(ifMatch && {
      'If-Match': z.string().optional().openapi({
        description: 'The ETag that is to be changed, in its quotes; another one is answered 412.',
      }),
    }),
    ...(idempotent && {
      'Idempotency-Key': z.string().min(1).max(255).optional().openapi({
        description: 'A repetition with the same key within 24 hours gets the first answer.',
      }),
    }),
  })

/** Which credentials do. */
export const credentialsOf = ({
  access: { actors, scope },
}: Pick<Refusing, 'access'>): string | undefined => {
  if (actors === 'open') return undefined
  if (scope === 'any') return 'API keys need no scope for it, but those of what is in it.'
  return scope === null ? 'Not for API keys.' : `API keys need the scope \`${scope}\`.`
}

const things: Readonly<Record<string, string>> = {
  'Sign-in': 'session',
  Account: 'identity',
  'API keys': 'API key',
  Projects: 'project',
  Tasks: 'task',
  Comments: 'comment',
  Labels: 'label',
  Reminders: 'reminder',
  Batch: 'change of many tasks',
  'Export and import': 'import',
}
/** In `/tasks/{id}/comments` it is the id of the task. */
const idOf = ({ tag, path }: Pick<Route, 'tag' | 'path'>) =>
  z.uuid().openapi({
    description: `The id of the ${things[path.startsWith('/tasks/') ? 'Tasks' : tag] ?? 'thing'}.`,
    param: { name: 'id', in: 'path' },
  })

/** Answers for all that is refused, each with an example of every code that its status has. */
export const problemResponses = (
  codes: readonly Code[],
  { type, schema }: { readonly type: string; readonly schema: z.ZodType },
) =>
  Object.fromEntries(
    [...groupBy([...new Set(codes)], (code) => problemOf(code).status)].map(([status, codes]) => [
      status,
      {
        description: `${problemOf(codes[0] as Code).title} (${codes.map((c) => `\`${c}\``).join(', ')}).`,
        ...(problemHeaders[status] && { headers: problemHeaders[status] }),
        content: {
          [type]: {
            schema,
            examples: Object.fromEntries(
              codes.map((c) => [c, { $ref: `#/components/examples/${c}` }]),
            ),
          },
        },
      },
    ]),
  )

const asProblem = { type: 'application/problem+json', schema: Problem } as const

const file = z.string().openapi({ format: 'binary', description: 'The file.' })
const FileForm = z
  .object({ file })
  .openapi('FileForm', { description: 'A form with a file.', example: { file: '(A) Call Mum' } })
const JSON_TYPE = 'application/json'

/** A file as the body itself, or in a form. */
const fileContent = (media: Media) => ({
  ...Object.fromEntries(Object.entries(media).map(([type, schema]) => [type, { schema }])),
  'multipart/form-data': { schema: FileForm },
})

/** An operation at its method and path, as the document has it. */
export const describeOperation = (operation: Operation, route: Route) => {
  const { id, access, summary, description, query, body, output, idempotent, ifMatch } = operation
  const { takesId, upload } = operation
  const { method, path, tag, answer } = route
  const others = mediaTypesOf(route).filter((type) => type !== JSON_TYPE)
  const { schema, media = schema && { 'application/json': schema } } = output
  const etag = schema instanceof z.ZodObject && 'rev' in schema.shape
  const answered = (description: string) => ({
    description,
    headers: {
      'X-Request-Id': header('Names the request in the log.'),
      ...(etag && { ETag: header('The revision.') }),
      ...((answer.status === 201 || answer.status === 202) && {
        Location: header('Where the new resource is.'),
      }),
    },
    ...(media && {
      content: Object.fromEntries(
        Object.entries(media).map(([type, schema]) => [type, { schema }]),
      ),
    }),
  })
  return {
    method,
    path,
    operationId: id,
    tags: [tag],
    summary,
    description: [description, credentialsOf(operation)].filter(Boolean).join(' '),
    security: access.actors === 'open' ? [] : [{ bearer: [] }, { apiKey: [] }],
    request: {
      ...(takesId && {
        params: z.object({ id: idOf(route) }),
      }),
      ...(query && { query }),
      ...((ifMatch || idempotent) && { headers: requestHeaders(operation) }),
      ...(upload && { body: { required: true, content: fileContent(upload.media) } }),
      ...(body && {
        body: {
          required: true,
          content: { [JSON_TYPE]: { schema: body } },
          // Two types of one schema are two methods in generated clients, or one without its body.
          ...(others.length > 0 && { description: `Also as \`${others.join('`, `')}\`.` }),
        },
      }),
    },
    responses: {
      [answer.status]: answered(output.description),
      ...(takesNewId(operation) && {
        200: answered('An earlier request with this id has made it: as it is now.'),
      }),
      ...(method === 'get' &&
        etag && { 304: { description: 'Not changed since the ETag in If-None-Match.' } }),
      ...problemResponses(refusals(operation), asProblem),
    },
  }
}
