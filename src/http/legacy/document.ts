// The document of the original contract, made of the tables of its routes, fields and parameters.
import { OpenAPIRegistry } from '@asteasolutions/zod-to-openapi'
import { z } from '../../core/zod.ts'
import type { Deps } from '../deps.ts'
import {
  credentialsOf,
  header,
  problemResponses,
  type Refusing,
  refusals,
  requestHeaders,
} from '../document.ts'
import { mediaTypesOf } from '../input.ts'
import { type About, documentOf, serverOf } from '../openapi.ts'
import type { ProblemCode } from '../problem.ts'
import { exampleOf, type OriginalCode } from '../problem-examples.ts'
import type { Described } from './described.ts'
import { type AccountPlace, accountPlaces, type TaskPlace, taskPlaces } from './endpoints.ts'
import { documentedParameters } from './parameters.ts'
import { legacyProblem } from './problem.ts'
import { type SchemaName, schemas } from './schemas.ts'
import type { LegacyOptions } from './tasks.ts'

const NAMED = 'Tasks'
const BY_TOKEN = "Tasks of the token's user"
const ACCOUNTS = 'Accounts'
const ALIASES = 'Accounts, other paths'

const tags = {
  [ACCOUNTS]: 'Accounts and their tokens, which are good on both contracts.',
  [ALIASES]: 'The same under the other names that clients use.',
  [NAMED]: "The path names the user, who has to be the token's.",
  [BY_TOKEN]: 'The same, with the user taken from the token.',
}

/**
 * A document may not have two templates of as many parameters that one path fits, so one of them
 * stands below a server of its own. A router that takes constant segments first has no such doubt.
 */
const BELOW_SERVER = '/api'
const isParameter = (segment = ''): boolean => segment.startsWith('{')
const areAlike = (one: string, other: string): boolean => {
  const [left, right] = [one.split('/'), other.split('/')]
  return (
    left.length === right.length &&
    left.filter(isParameter).length === right.filter(isParameter).length &&
    left.every((part, at) => isParameter(part) || isParameter(right[at]) || part === right[at])
  )
}
/** The paths without a user that one with a user is like. */
const ambiguousIn = (options: LegacyOptions): ReadonlySet<string> => {
  const [named, token] = [taskPlaces('named', options), taskPlaces('token', options)]
  const isAmbiguous = ({ path }: TaskPlace) => named.some((other) => areAlike(path, other.path))
  return new Set(token.filter(isAmbiguous).map(({ path }) => path))
}

const schemaOf = (name: SchemaName) => {
  const schema = schemas[name]
  return schema instanceof z.ZodType ? schema : { $ref: `#/components/schemas/${name}` }
}

/** `By` a further method, `As` another name, `AtRoot` or `OfToken` for another prefix. */
const camel = (words: string): string =>
  words.replace(/(?:^|[-_])(\w)/g, (_, letter: string) => letter.toUpperCase())
const operationIdOf = (
  { id, methods }: { readonly id: string; readonly methods: readonly string[] },
  method: string,
  suffix: string,
): string => {
  const verb = method === methods[0] ? '' : `By${camel(method)}`
  return id.replace('original.', '') + verb + suffix
}

const userId = {
  name: 'user_id',
  in: 'path',
  required: true,
  schema: { type: 'string' },
  description: "The user, as the caller's token names them; in percent-encoding.",
} as const
const taskId = {
  name: 'id',
  in: 'path',
  required: true,
  schema: { type: 'string', format: 'uuid' },
  description: 'The id of the task.',
} as const

type Shown = Refusing & { readonly described: Described }

const responsesOf = ({ described: { answer }, ...refusing }: Shown) => {
  const { status, description, schema } = answer
  const content = schema && { 'application/json': { schema: schemaOf(schema) } }
  const legacy = { type: 'application/json', schema: schemas.Problem }
  return {
    [status]: {
      description,
      headers: { 'X-Request-Id': header('Names the request in the log.') },
      ...(content && { content }),
    },
    ...problemResponses(refusals(refusing), legacy),
  }
}

const textsOf = ({ operation, summary, description }: Described) => ({
  summary: summary ?? operation.summary,
  description: [description, credentialsOf(operation)].filter(Boolean).join(' '),
})

/** Below a server of its own a path says in its summary what it is as a whole. */
const belowServer = (path: string, summary: string, server: string) => ({
  path: path.slice(BELOW_SERVER.length),
  servers: [{ url: server.replace(/\/$/, '') + BELOW_SERVER }],
  summary: `${summary} (${path})`,
})

/** With the address of the server if the path stands below one. */
const describeTask = ({ method, path, naming, route }: TaskPlace, server: string | undefined) => {
  const { operation, takes, lists, idempotent } = route
  const isNamed = naming === 'named'
  const extra: ProblemCode[] = isNamed ? ['other_user'] : []
  const texts = textsOf(route)
  return {
    method,
    path,
    ...texts,
    ...(server !== undefined && belowServer(path, texts.summary, server)),
    operationId: operationIdOf(route, method, isNamed ? '' : 'OfToken'),
    tags: [isNamed ? NAMED : BY_TOKEN],
    security: [{ bearer: [] }, { apiKey: [] }],
    parameters: [
      ...(isNamed ? [userId] : []),
      ...(path.includes('{id}') ? [taskId] : []),
      ...(lists ? documentedParameters : []),
    ],
    ...(idempotent && { request: { headers: requestHeaders({ idempotent }) } }),
    ...(takes && {
      requestBody: {
        required: !takes.optional,
        content: Object.fromEntries(
          mediaTypesOf({ method }).map((type) => [type, { schema: schemaOf(takes.schema) }]),
        ),
      },
    }),
    responses: responsesOf({
      described: route,
      access: operation.access,
      takesId: path.includes('{id}'),
      ...(takes && { body: schemas.Problem }),
      ...(idempotent && { idempotent }),
      refuses: [...(operation.refuses ?? []), ...(route.refuses ?? []), ...extra],
    }),
  }
}

const describeAccount = ({ method, path, prefix, name, route }: AccountPlace) => {
  const { operation, names, body } = route
  const isFirst = name === names[0]
  const atRoot = prefix === '/auth'
  const suffix = `${isFirst ? '' : `As${camel(name)}`}${atRoot ? 'AtRoot' : ''}`
  const isOpen = operation.access.actors === 'open'
  return {
    method,
    path,
    operationId: operationIdOf(route, method, suffix),
    tags: [isFirst && !atRoot ? ACCOUNTS : ALIASES],
    ...textsOf({ ...route, description: route.description ?? operation.description }),
    security: isOpen ? [] : [{ bearer: [] }, { apiKey: [] }],
    ...(body && {
      request: {
        body: {
          required: true,
          content: Object.fromEntries(
            mediaTypesOf({ method, form: true }).map((type) => [type, { schema: body.documented }]),
          ),
        },
      },
    }),
    responses: responsesOf({
      described: route,
      access: operation.access,
      ...(body && { body: body.schema }),
      refuses: [...(operation.refuses ?? []), ...(route.refuses ?? [])],
    }),
  }
}

/** The document's examples of what is refused, in the form of this contract. */
const exampleFor = (code: OriginalCode) => {
  const { summary, value } = exampleOf(code)
  return { summary, value: legacyProblem({ status: value.status, body: value }).body as object }
}

const aboutWith = (codes: readonly string[]): About => ({
  title: 'Taskport: the original contract',
  description:
    'What clients of the backend that this replaces, and of its family, use: the same tasks and accounts as in `/api/v1`. Fields and parameters that are not known here are ignored. A slash at the end of a path changes nothing.',
  tags,
  examples: Object.fromEntries(
    [...new Set(codes)].map((code) => [code, exampleFor(code as OriginalCode)]),
  ),
})

/** The OpenAPI 3.1 document of the original contract, as text. */
export const originalDocument = (deps: Pick<Deps, 'config' | 'about'>): string => {
  const registry = new OpenAPIRegistry()
  for (const [name, schema] of Object.entries(schemas))
    if (!(schema instanceof z.ZodType))
      registry.registerComponent('schemas', name, schema as object)
  const { legacy } = deps.config
  const ambiguous = ambiguousIn(legacy)
  const places = [...taskPlaces('named', legacy), ...taskPlaces('token', legacy)]
  const described = [
    ...accountPlaces.map(describeAccount),
    ...places.map((place) =>
      describeTask(place, ambiguous.has(place.path) ? serverOf(deps) : undefined),
    ),
  ]
  for (const route of described) registry.registerPath(route as never)
  const codes = described.flatMap(({ responses }) =>
    Object.values(responses).flatMap((answer) =>
      Object.values('content' in answer ? (answer.content ?? {}) : {}).flatMap((media) =>
        'examples' in media ? Object.keys(media.examples as object) : [],
      ),
    ),
  )
  return documentOf(registry, deps, aboutWith(codes))
}
