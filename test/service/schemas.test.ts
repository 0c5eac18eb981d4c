// The schemas of the document are such that generators make usable clients of them: each has a name,
// and no union has to be guessed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, expect, test } from 'vitest'
import { operationsOf } from '../support/document.ts'
import { createWorld } from '../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())
const { document } = world
const operations = operationsOf(document)
const { schemas } = document.components

type Node = { readonly [key: string]: unknown }
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null

/** Every schema in a part of the document, with where it is; examples are none. */
const schemasIn = (value: unknown, at: string): [string, Node][] => {
  if (!isNode(value)) return []
  const inner = Object.entries(value).flatMap(([key, child]) =>
    ['example', 'examples', 'default'].includes(key) ? [] : schemasIn(child, `${at}/${key}`),
  )
  return [[at, value], ...inner]
}
const named = Object.entries(schemas).map(([name, schema]): [string, Node] => [name, schema])
/** Those that are part of another one, or of a parameter, a body or an answer. */
const inlined = [
  ...named.flatMap(([name, schema]) => schemasIn(schema, name).slice(1)),
  ...operations.flatMap((operation) => [
    ...schemasIn(operation.parameters, operation.operationId),
    ...schemasIn(operation.requestBody, operation.operationId),
    ...schemasIn(operation.responses, operation.operationId),
  ]),
]

test('every enumeration and every object has a name', () => {
  const nameless = inlined.filter(
    ([, { enum: values, properties, type }]) =>
      (Array.isArray(values) && values.length > 1) ||
      (isNode(properties) && [type].flat().includes('object')),
  )
  expect(nameless.map(([at]) => at)).toEqual([])
  for (const name of [
    'Scope',
    'TaskStatus',
    'TaskPriority',
    'TaskSort',
    'Day',
    'FloatingTime',
    'ZonedTime',
    'WallTime',
    'WallTimeKind',
    'ProblemCode',
    'Fault',
  ])
    expect(Object.keys(schemas)).toContain(name)
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
    const { propertyName, mapping } = discriminator as {
      propertyName: string
      mapping: Record<string, string>
    }
    expect(Object.values(mapping).sort(), at).toEqual(
      (oneOf as { $ref?: string }[]).flatMap(({ $ref }) => $ref ?? []).sort(),
    )
    for (const [value, ref] of Object.entries(mapping)) {
      const { properties, required } = schemas[ref.split('/').at(-1) as string] as unknown as {
        properties: Record<string, Node>
        required: string[]
      }
      expect(properties[propertyName]?.['enum'], at).toEqual([value])
      expect(required, at).toContain(propertyName)
    }
  }
})

test('null stands where a schema is used, and not in it', () => {
  for (const [name, schema] of named) {
    expect([schema['type']].flat(), name).not.toContain('null')
  }
  expect(schemas['NewTask']).toMatchObject({
    properties: {
      status: {
        $ref: '#/components/schemas/TaskStatus',
        description: 'Default: `"pending"`.',
      },
      due: {
        anyOf: [{ $ref: '#/components/schemas/WallTimeInput' }, { type: 'null' }],
        description: 'Default: `null`.',
      },
    },
  })
})

test('a union says that it may be null where a use of it may be: clients for Java read null by its class', () => {
  const nullable = [...named, ...inlined].flatMap(([, { anyOf }]) =>
    Array.isArray(anyOf) ? [String(anyOf[0].$ref).split('/').at(-1) as string] : [],
  )
  const unions = [...new Set(nullable)].filter((name) => 'oneOf' in (schemas[name] ?? {}))
  expect(unions).toEqual(['WallTime'])
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

test('the codes of a problem are those of docs/errors.md', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')
  const rows = [...page.matchAll(/^\| `([a-z_]+)` \| \d{3} \|/gm)].map(([, code]) => code)
  expect(new Set(schemas['ProblemCode']?.['enum'] as string[])).toEqual(new Set(rows))
})

test('a time is documented as it is taken and answered: with and without its kind', () => {
  const ajv = new Ajv2020({ strict: false })
  ;(addFormats as unknown as (ajv: Ajv2020) => void)(ajv)
  ajv.addSchema(document, 'document')
  const fits = (name: string, value: unknown) =>
    ajv.getSchema(`document#/components/schemas/${name}`)?.(value)
  for (const [kind, fields] of [
    ['day', { date: '2027-03-28' }],
    ['floating', { datetime: '2027-03-28T02:30:00' }],
    ['zoned', { datetime: '2027-03-28T02:30:00', time_zone: 'Europe/Berlin' }],
  ] as const) {
    expect(fits('WallTime', { kind, ...fields }), kind).toBe(true)
    expect(fits('WallTime', fields), `${kind}, which an answer names`).toBe(false)
    for (const name of ['WallTimeInput', 'WallTimePatch'])
      for (const given of [fields, { kind, ...fields }])
        expect(fits(name, given), `${name} ${kind}`).toBe(true)
  }
  expect(fits('WallTime', { kind: 'day', datetime: '2027-03-28T02:30:00' })).toBe(false)
})
