// A valid request of an operation, made from the document: so that a new operation is tested before
// a test has heard of it.
import type { OpenApi, Operation } from './document.ts'

/** A request as it would be made by the owner of the things that it names. */
export type Asked = {
  readonly id?: string
  readonly query?: Record<string, string>
  readonly body?: object
  readonly headers?: Record<string, string>
}

type Thing = { readonly id: string }
/** What the caller owns: a thing for each collection (a path), and one for each field of an id. */
export type Owned = {
  readonly collections: Readonly<Record<string, Thing>>
  readonly fields: Readonly<Record<string, Thing>>
}

type Schema = OpenApi['components']['schemas'][string]

export const resolvedIn =
  ({ components }: OpenApi) =>
  (schema: Schema): Schema =>
    schema.$ref === undefined
      ? schema
      : (components.schemas[schema.$ref.split('/').at(-1) as string] as Schema)

export const bodySchemaOf = ({ requestBody }: Operation): Schema | undefined =>
  Object.values(requestBody?.content ?? {})[0]?.schema

/** Throws where nothing is owned that the operation could be about. */
export const validRequest = (
  document: OpenApi,
  operation: Operation,
  { collections, fields }: Owned,
): Asked => {
  const { operationId, method, path, parameters = [] } = operation
  const collection = path.includes('{id}') ? path.slice(0, path.indexOf('/{id}')) : undefined
  const thing = collection === undefined ? undefined : collections[collection]
  if (collection !== undefined && !thing)
    throw new Error(
      `${operationId}: this test owns nothing in ${collection}; let it make something`,
    )
  const schema = bodySchemaOf(operation)
  const body = schema && resolvedIn(document)(schema)
  const named = Object.keys(body?.['properties'] ?? {}).filter((name) =>
    Object.hasOwn(fields, name),
  )
  const ids = Object.fromEntries(named.map((name) => [name, fields[name]?.id]))
  const replaces = method === 'PUT' && parameters.some(({ name }) => name === 'If-Match')
  return {
    ...(thing && { id: thing.id }),
    ...(body && { body: { ...(body.example as object), ...ids } }),
    ...(replaces && { headers: { 'If-Match': '*' } }),
  }
}
