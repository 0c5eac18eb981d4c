// The OpenAPI document as a collection for Bruno, in the format of version 3 and later:
// https://docs.usebruno.com/opencollection-yaml/structure-reference
import { toYaml, type Yaml } from './yaml.ts'

type Reference = { readonly $ref?: string }
type Parameter = {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
}
type Operation = {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description?: string
  readonly security?: readonly unknown[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Reference }>>
  }
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Reference }>> }>
  >
}
/** What is read of the document. */
export type Document = {
  readonly info: { readonly title: string; readonly description: string }
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<
      Record<string, { readonly example?: unknown; readonly properties?: object }>
    >
  }
}
type Request = Operation & { readonly method: string; readonly path: string }

/** In the order of the document; what deletes comes last, and then what undoes that. */
const requestsOf = ({ paths }: Document): Request[] => {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
  )
  const rank = ({ method, path }: Request) =>
    path.endsWith('/restore') ? 2 : method === 'delete' ? 1 : 0
  return all.toSorted((a, b) => rank(a) - rank(b))
}

/** The variable that holds the id of `/api/v1/api-keys/{id}`: `apiKeyId`. */
const idVariable = (path: string): string => {
  const [, thing = ''] = /\/([\w-]+)(?:\/\{id\}.*)?$/.exec(path) ?? []
  const singular = thing.replace(/ies$/, 'y').replace(/s$/, '')
  return `${singular.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Id`
}

const schemaOf = (
  media: Readonly<Record<string, { readonly schema: Reference }>> | undefined,
  { components }: Document,
) => {
  const [first] = Object.values(media ?? {})
  return components.schemas[first?.schema.$ref?.split('/').at(-1) ?? '']
}

/** The same for what a POST makes, also below another thing: `/api/v1/tasks/{id}/reminders`. */
const madeVariable = (path: string): string =>
  // A test of a webhook is a delivery.
  path.endsWith('/webhooks/{id}/test')
    ? 'webhookDeliveryId'
    : idVariable(path.replace(/^.*\{id\}(?=\/)/, ''))

/** What later requests need of an answer: the tokens, and the id of what was made. */
const scriptOf = (request: Request, document: Document): string | undefined => {
  const [status, answer] = successOf(request)
  const fields = Object.keys(schemaOf(answer?.content, document)?.properties ?? {})
  const kept = [
    ['access_token', 'token'],
    ['refresh_token', 'refreshToken'],
    // What was made, or has begun.
    ...(status === '201' || status === '202' ? [['id', madeVariable(request.path)]] : []),
  ].filter(([field = '']) => fields.includes(field))
  if (kept.length === 0) return undefined
  return [
    `if (res.status === ${status}) {`,
    ...kept.map(([field, variable]) => `  bru.setVar('${variable}', res.body.${field})`),
    '}',
  ].join('\n')
}

const successOf = ({ responses }: Operation) =>
  Object.entries(responses).findLast(([status]) => status.startsWith('2')) ?? ['200', undefined]

/** The example of the document, with the refresh token that the script has kept. */
const bodyOf = (request: Request, document: Document): string | undefined => {
  const example = schemaOf(request.requestBody?.content, document)?.example
  if (example === undefined) return undefined
  return JSON.stringify(
    example,
    (name, value) => (name === 'refresh_token' ? '{{refreshToken}}' : value),
    2,
  )
}

/** `*` is any version of what there is. */
const headerValue = ({ name, required }: Parameter, method: string) =>
  name === 'If-Match' && (required || method === 'put') ? '*' : ''

const fileOf = (request: Request, seq: number, document: Document): Yaml => {
  const { method, path, parameters = [], summary, description, security = [] } = request
  const body = bodyOf(request, document)
  const code = scriptOf(request, document)
  const headers = parameters
    .filter((parameter) => parameter.in === 'header')
    .map((parameter) => {
      const value = headerValue(parameter, method)
      const { name, description } = parameter
      return { name, value, description, ...(value === '' && { disabled: true }) }
    })
  const params = parameters
    .filter((parameter) => parameter.in !== 'header')
    .map(({ name, description, ...parameter }) =>
      parameter.in === 'path'
        ? { name, value: `{{${idVariable(path)}}}`, type: 'path', description }
        : { name, value: '', type: 'query', description, disabled: true },
    )
  return {
    info: { name: summary, type: 'http', seq },
    http: {
      method: method.toUpperCase(),
      url: `{{baseUrl}}${path.replace(/\{(\w+)\}/g, ':$1')}`,
      headers: headers.length > 0 ? headers : undefined,
      params: params.length > 0 ? params : undefined,
      body: body === undefined ? undefined : { type: 'json', data: body },
      auth: security.length > 0 ? 'inherit' : undefined,
    },
    runtime: {
      scripts: code === undefined ? undefined : [{ type: 'after-response', code }],
      assertions: [{ expression: 'res.status', operator: 'eq', value: successOf(request)[0] }],
    },
    docs: description,
  }
}

/** The files of the collection, by their paths in its folder. */
export const collectionOf = (document: Document): Map<string, string> => {
  const { info, tags } = document
  const files = new Map<string, string>()
  const add = (path: string, content: Yaml) => files.set(path, toYaml(content))
  add('opencollection.yml', {
    opencollection: '1.0.0',
    info: { name: info.title },
    request: { auth: { type: 'bearer', token: '{{token}}' } },
    docs: {
      content:
        'Printed by `npm run docs:bruno` from the OpenAPI document. Choose the environment Local and run `register` or `login` in Sign-in: their scripts keep the tokens, and requests that make something keep its id for those that need it. To use an API key instead, write it into `token` of the environment.',
      type: 'text/markdown',
    },
    bundled: false,
  })
  add('environments/Local.yml', {
    name: 'Local',
    variables: [
      { name: 'baseUrl', value: 'http://localhost:7860' },
      { name: 'token', value: '' },
    ],
  })
  const requests = requestsOf(document)
  const order = [...new Set(requests.map(({ tags: [tag = ''] }) => tag))]
  for (const [i, tag] of order.entries()) {
    add(`${tag}/folder.yml`, {
      info: { name: tag, type: 'folder', seq: i + 1 },
      request: { auth: 'inherit' },
      docs: {
        content: tags.find(({ name }) => name === tag)?.description ?? tag,
        type: 'text/markdown',
      },
    })
    for (const [j, request] of requests.filter(({ tags: [own] }) => own === tag).entries())
      add(`${tag}/${request.operationId}.yml`, fileOf(request, j + 1, document))
  }
  return files
}
