// Holds answers against the OpenAPI document: every one has to be among those that its operation
// documents.
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { expect } from 'vitest'

type Schema = { $ref?: string; [keyword: string]: unknown }
type Media = { schema?: Schema; examples?: Record<string, { $ref: string }> }
type Documented = {
  description: string
  content?: Record<string, Media>
  headers?: Record<string, unknown>
}
type OperationObject = {
  operationId: string
  /** Below another address than the document's. */
  servers?: readonly { url: string }[]
  security?: Record<string, string[]>[]
  parameters?: {
    name: string
    in: 'path' | 'query' | 'header'
    required?: boolean
    schema: Schema
  }[]
  requestBody?: { content: Record<string, Media & { example?: unknown }> }
  responses: Record<string, Documented>
}
export type OpenApi = {
  paths: Record<string, Record<string, OperationObject>>
  webhooks?: Record<string, Record<string, OperationObject>>
  components: {
    schemas: Record<string, Schema & { example?: unknown }>
    examples: Record<string, { value: unknown }>
  }
}
export type Operation = OperationObject & {
  readonly method: string
  readonly path: string
  /** Its path in the document. */
  readonly key: string
}

/** The path of an operation, below its own server where it has one. */
const wholePath = (path: string, { servers = [] }: OperationObject): string =>
  (servers[0] ? new URL(servers[0].url, 'http://localhost').pathname : '') + path

/** The operations of a document, one by one. */
export const operationsOf = (document: OpenApi): Operation[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path: wholePath(path, operation),
      key: path,
    })),
  )

const validators = new WeakMap<OpenApi, Ajv2020>()
const validatorOf = (document: OpenApi): Ajv2020 => {
  const known = validators.get(document)
  if (known) return known
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ;(addFormats as unknown as (ajv: Ajv2020) => void)(ajv)
  ajv.addSchema(document, 'document')
  validators.set(document, ajv)
  return ajv
}

/** What is wrong with a value by the schema of this name: nothing where it fits. */
export const faultsBy = (document: OpenApi, name: string): ((value: unknown) => object[]) => {
  const validate = validatorOf(document).getSchema(`document#/components/schemas/${name}`)
  if (!validate) throw new Error(`the document has no schema ${name}`)
  return (value) => (validate(value) ? [] : (validate.errors ?? []))
}

/** Fails the test when an answer is not what the document says that its operation answers. */
export type Verify = (method: string, url: string, response: Response) => Promise<void>

const verifierOf = (document: OpenApi): Verify => {
  const ajv = validatorOf(document)
  const operations = operationsOf(document).map((operation) => ({
    ...operation,
    matches: new RegExp(`^${operation.path.replace(/\{\w+\}/g, '[^/]+')}$`),
  }))
  const pointer = (...steps: string[]) =>
    steps.map((step) => step.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')

  return async (method, url, response) => {
    const { pathname } = new URL(url, 'http://localhost')
    const candidates = operations.filter((o) => o.method === method && o.matches.test(pathname))
    const operation = candidates.find((o) => o.path === pathname) ?? candidates[0]
    if (!operation) return
    const where = `${method} ${pathname} → ${response.status}`
    const documented = operation.responses[response.status]
    expect(documented, `${where} is documented`).toBeDefined()
    expect(response.headers.get('X-Request-Id'), `${where} has a request id`).toBeTruthy()
    const type = response.headers.get('Content-Type')?.split(';')[0]
    const text = await response.clone().text()
    if (!documented?.content) return expect(text, `${where} has no body`).toBe('')
    expect(Object.keys(documented.content), `${where} has a documented type`).toContain(type)
    const validate = ajv.getSchema(
      `document#/${pointer('paths', operation.key, method.toLowerCase(), 'responses', String(response.status), 'content', type as string, 'schema')}`,
    )
    if (!validate) throw new Error(`${where} has no schema in the document`)
    const valid = validate(type?.includes('json') ? JSON.parse(text) : text)
    expect(
      valid ? [] : validate.errors,
      `${where} matches its schema: ${text.slice(0, 300)}`,
    ).toEqual([])
  }
}

const isOfOriginal = (path: string): boolean =>
  /^\/(?:api|auth)\//.test(path) && !/^\/api\/v1(?:[/?]|$)/.test(path)

/** A document, and what holds answers against it. */
type Held = { readonly document: OpenApi; readonly verify: Verify }
/** By their texts: compiling the schemas of one takes as long as a hundred requests. */
const held = new Map<string, Held>()
const heldOf = (document: OpenApi): Held => {
  const text = JSON.stringify(document)
  const known = held.get(text) ?? { document, verify: verifierOf(document) }
  held.set(text, known)
  return known
}

/** What services have answered, by the path and the kind of service. */
const loaded = new Map<string, Held>()

/**
 * Holds answers of a service against the document that they belong to; `load` reads one of the
 * service. The original contract's is read when it is first needed. Services of the same `kind` have
 * the same documents, which are read once; without it, they are read again.
 */
export const documentsOf = async (
  load: (path: string) => Promise<OpenApi>,
  kind?: string,
): Promise<{ document: OpenApi; verify: Verify }> => {
  const read = async (path: string): Promise<Held> => {
    const key = `${path} ${kind}`
    const known = kind === undefined ? undefined : loaded.get(key)
    const found = known ?? heldOf(await load(path))
    if (kind !== undefined) loaded.set(key, found)
    return found
  }
  const { document, verify: verifyV1 } = await read('/openapi.json')
  let original: Promise<Held> | undefined
  return {
    document,
    verify: async (method, url, response) => {
      const { pathname } = new URL(url, 'http://localhost')
      if (!isOfOriginal(pathname)) return verifyV1(method, url, response)
      original ??= read('/openapi-original.json')
      // There a slash at the end changes nothing.
      return (await original).verify(method, pathname.replace(/\/$/, ''), response)
    },
  }
}
