// The schemas of the API's document. What holds for the original contract's as well is in
// documents.test.ts.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, expect, test } from 'vitest'
import { createWorld } from '../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())
const { document } = world
const { schemas } = document.components

type Node = { readonly [key: string]: unknown }
const named = Object.entries(schemas).map(([name, schema]): [string, Node] => [name, schema])

test('what clients use by name has that name', () => {
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
