// Both documents, of the API and of the original contract, are valid OpenAPI, say of every operation
// what they should, and make usable clients in the hands of generators: each schema has a name, and no
// union has to be guessed.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { faultsBy, type OpenApi, type Operation, operationsOf } from '../support/document.ts'
import { run, temporaryFolder } from '../support/process.ts'
import { createWorld } from '../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())

type Node = { readonly [key: string]: unknown }
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null

/** Every schema in a part of a document, with where it is; examples are none. */
const schemasIn = (value: unknown, at: string): [string, Node][] => {
  if (!isNode(value)) return []
  const inner = Object.entries(value).flatMap(([key, child]) =>
    ['example', 'examples', 'default'].includes(key) ? [] : schemasIn(child, `${at}/${key}`),
  )
  return [[at, value], ...inner]
}

type Linted = {
  readonly problems: readonly {
    ruleId: string
    severity: string
    message: string
    location: readonly { pointer: string }[]
  }[]
}

const documents = [
  { path: '/openapi.json', title: 'Taskport', type: 'application/problem+json' },
  {
    path: '/openapi-original.json',
    title: 'Taskport: the original contract',
    type: 'application/json',
  },
] as const
const read = async (path: string) => (await (await world.fetch(path)).json()) as OpenApi
const loaded = await Promise.all(
  documents.map(async (about) => ({ ...about, document: await read(about.path) })),
)

describe.each(loaded)('$path', ({ document, title, type }) => {
  const operations = operationsOf(document)
  const { schemas } = document.components
  const resolved = ($ref: string) => schemas[$ref.split('/').at(-1) as string] as Node
  /** Those outside the API answer no problems. */
  const isOfApi = ({ path }: Operation) => /^\/(api|auth)\//.test(path)
  const named = Object.entries(schemas).map(([name, schema]): [string, Node] => [name, schema])
  /** Those that are part of another one, or of a parameter, a body or an answer. */
  const inlined = [
    ...named.flatMap(([name, schema]) => schemasIn(schema, name).slice(1)),
    ...operations.flatMap((operation) => [
      ...schemasIn(operation.parameters, operation.operationId),
      ...schemasIn(operation.requestBody, operation.operationId),
      ...schemasIn(operation.responses, operation.operationId).slice(1),
    ]),
  ]

  test('it is OpenAPI 3.1 with a name, a licence and a server', () => {
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title, license: { name: 'MIT' } },
      servers: [{ url: '/' }],
    })
  })

  test("redocly's rules `recommended-strict` find nothing", async () => {
    const file = join(temporaryFolder(), 'openapi.json')
    writeFileSync(file, JSON.stringify(document))
    const quiet = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
    const redocly = run(
      join(import.meta.dirname, '../../node_modules/.bin/redocly'),
      ['lint', '--extends=recommended-strict', '--format=json', file],
      quiet,
    )
    expect(await redocly.exit, redocly.err()).toBe(0)
    const { problems }: Linted = JSON.parse(redocly.out())
    expect(
      problems.map(
        ({ ruleId, severity, message, location }) =>
          `${severity} ${ruleId}: ${message} ${location[0]?.pointer}`,
      ),
    ).toEqual([])
  })

  test('each operation has a name of its own, a tag that is explained, and a summary', () => {
    const ids = operations.map(({ operationId }) => operationId)
    expect(new Set(ids).size).toBe(ids.length)
    const { tags } = document as unknown as { tags: { name: string; description: string }[] }
    for (const operation of operations) {
      const {
        operationId,
        tags: own,
        summary,
      } = operation as Operation & { tags: string[]; summary: string }
      expect(operationId).toMatch(/^[a-z][A-Za-z]+$/)
      expect(summary, operationId).toBeTruthy()
      expect(
        tags.map(({ name }) => name),
        operationId,
      ).toEqual(expect.arrayContaining(own))
    }
    for (const { name, description } of tags)
      expect(description, 'a tag says more than its name').not.toBe(name)
  })

  test('whatever is sent or answered as JSON has an example that fits its schema', () => {
    const deliveries = Object.values(document.webhooks ?? {}).flatMap((one) => Object.values(one))
    const bodies = [...operations, ...deliveries].flatMap(
      ({ operationId, requestBody, responses }) =>
        [requestBody, ...Object.values(responses)].flatMap((sent) =>
          Object.entries(sent?.content ?? {}).map(([type, media]) => ({
            operationId,
            type,
            ...media,
          })),
        ),
    )
    expect(bodies.length).toBeGreaterThan(operations.length)
    for (const { operationId, type, schema, example } of bodies as {
      operationId: string
      type: string
      schema: { $ref?: string }
      example?: unknown
    }[]) {
      const name = schema.$ref?.split('/').at(-1) as string
      expect(schema.$ref, `${operationId} names its schema of ${type}`).toBe(
        `#/components/schemas/${name}`,
      )
      const shown = example ?? document.components.schemas[name]?.example ?? exampleOfPage(name)
      expect(shown, `${name} has an example`).toBeDefined()
      expect(faultsBy(document, name)(shown), `the example of ${name}`).toEqual([])
    }
  })

  /** A page needs no example of its own: it is made of those of its items. */
  const exampleOfPage = (name: string): unknown => {
    const { properties } = document.components.schemas[name] as {
      properties: { items?: { items: { $ref: string } } }
    }
    const item = properties.items?.items.$ref.split('/').at(-1)
    return item === undefined
      ? undefined
      : { items: [document.components.schemas[item]?.example], next_cursor: null }
  }

  test('refusals say in headers what a client has to do, and each is a problem', () => {
    const needed: Record<string, string> = {
      401: 'WWW-Authenticate',
      429: 'Retry-After',
      503: 'Retry-After',
    }
    const contended = operations.filter(({ responses }) =>
      responses['409']?.description?.includes('`write_conflict`'),
    )
    expect(contended.length).toBeGreaterThan(0)
    for (const { operationId, responses } of contended)
      expect(Object.keys(responses['409']?.headers ?? {}), operationId).toContain('Retry-After')
    for (const { operationId, responses } of operations.filter(isOfApi))
      for (const [status, { headers = {}, content }] of Object.entries(responses).filter(
        ([status]) => Number(status) >= 400,
      )) {
        expect(Object.keys(content ?? {}), `${operationId} ${status}`).toEqual([type])
        if (needed[status])
          expect(Object.keys(headers), `${operationId} ${status}`).toContain(needed[status])
      }
  })

  test('each refusal shows an example of every code that its status has', () => {
    const faults = faultsBy(document, 'Problem')
    for (const { operationId, responses } of operations.filter(isOfApi))
      for (const [status, { content, description }] of Object.entries(responses).filter(
        ([status]) => Number(status) >= 400,
      )) {
        const examples = Object.entries(content?.[type]?.examples ?? {})
        expect(
          examples.map(([code]) => `\`${code}\``).join(', '),
          `${operationId} ${status}: ${description}`,
        ).toBe(description.match(/\((.*)\)\.$/)?.[1])
        for (const [code, { $ref }] of examples) {
          expect($ref).toBe(`#/components/examples/${code}`)
          const shown = document.components.examples[code]?.value
          expect(shown, code).toMatchObject({ code, status: Number(status) })
          expect(faults(shown), code).toEqual([])
        }
      }
  })

  test('every enumeration and every object has a name', () => {
    const nameless = inlined.filter(
      ([, { enum: values, properties, type }]) =>
        (Array.isArray(values) && values.length > 1) ||
        (isNode(properties) && [type].flat().includes('object')),
    )
    expect(nameless.map(([at]) => at)).toEqual([])
    expect(JSON.stringify(document)).not.toContain('x-component')
  })

  test('a union is told apart by a field, or is one schema or null', () => {
    const unions = [...named, ...inlined].filter(([, node]) => 'oneOf' in node || 'anyOf' in node)
    expect(unions.length).toBeGreaterThan(0)
    for (const [at, { oneOf, anyOf, discriminator }] of unions) {
      if (anyOf) {
        expect(anyOf, at).toEqual([{ $ref: expect.any(String) }, { type: 'null' }])
        continue
      }
      if (discriminator === undefined) {
        const kinds = (oneOf as { $ref: string }[]).map(({ $ref }) => resolved($ref)['type'])
        expect(new Set(kinds).size, `${at}: an array or an object`).toBe(kinds.length)
        continue
      }
      const { propertyName, mapping } = discriminator as {
        propertyName: string
        mapping: Record<string, string>
      }
      expect(Object.values(mapping).sort(), at).toEqual(
        (oneOf as { $ref?: string }[]).flatMap(({ $ref }) => $ref ?? []).sort(),
      )
      for (const [value, ref] of Object.entries(mapping)) {
        const { properties, required } = resolved(ref) as unknown as {
          properties: Record<string, Node>
          required: string[]
        }
        expect(properties[propertyName]?.['enum'], at).toEqual([value])
        expect(required, at).toContain(propertyName)
      }
    }
  })

  test('a union says that it may be null where a use of it may be: clients for Java read null by its class', () => {
    const nullable = [...named, ...inlined].flatMap(([, { anyOf }]) =>
      Array.isArray(anyOf) ? [String(anyOf[0].$ref).split('/').at(-1) as string] : [],
    )
    const unions = [...new Set(nullable)].filter((name) => 'oneOf' in (schemas[name] ?? {}))
    expect(unions).toEqual(title === 'Taskport' ? ['WallTime'] : [])
    for (const name of unions) expect(schemas[name], name).toHaveProperty('x-nullable', true)
    expect(JSON.stringify(document).split('x-nullable')).toHaveLength(unions.length + 1)
  })

  test('what has a default need not be sent, and generators are not made to ask for it', () => {
    for (const [at, node] of [...named, ...inlined]) {
      expect(at.startsWith('list') || !('default' in node), at).toBe(true)
      const { properties, required = [] } = node as { properties?: Node; required?: string[] }
      for (const [field, property] of Object.entries(properties ?? {}))
        if (JSON.stringify(property).includes('Default: `'))
          expect(required, `${at} ${field}`).not.toContain(field)
    }
    for (const { operationId, parameters = [] } of operations)
      for (const { name, in: place, required, schema } of parameters)
        if ('default' in schema || place !== 'path')
          expect(required ?? false, `${operationId} ${name}`).toBe(false)
  })

  test('every parameter, operation and tag says what it is; the tags are in order', () => {
    for (const { operationId, parameters = [], ...operation } of operations) {
      expect(operation, operationId).toHaveProperty('description', expect.stringMatching(/\S/))
      for (const parameter of parameters)
        expect(parameter, `${operationId} ${parameter.name}`).toHaveProperty(
          'description',
          expect.stringMatching(/\S/),
        )
    }
    const { tags, info } = document as unknown as { tags: { name: string }[]; info: Node }
    const names = tags.map(({ name }) => name)
    expect(names).toEqual(names.toSorted((a, b) => a.localeCompare(b, 'en')))
    expect(info['contact']).toEqual({
      name: expect.any(String),
      url: expect.stringMatching(/^http/),
      email: expect.stringMatching(/^\S+@\S+\.\S+$/),
    })
  })
})
