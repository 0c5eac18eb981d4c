// The collection for Bruno in examples/bruno is the one that the document makes.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { collectionOf, type Document } from '../../scripts/bruno/collection.ts'
import { toYaml } from '../../scripts/bruno/yaml.ts'
import { BRUNO_FOLDER } from '../../scripts/print-bruno.ts'
import { operationsOf } from '../support/document.ts'
import { createWorld } from '../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())
const files = collectionOf(world.document as unknown as Document)

test('what is committed is current: npm run docs:bruno writes it', () => {
  const committed = readdirSync(BRUNO_FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((path) => statSync(join(BRUNO_FOLDER, path)).isFile())
    .sort()
  expect(committed).toEqual([...files.keys()].sort())
  for (const [path, content] of files)
    expect(readFileSync(join(BRUNO_FOLDER, path), 'utf8'), path).toBe(content)
})

test('it has one request an operation, in folders by tag, and every variable comes from somewhere', () => {
  const operations = operationsOf(world.document)
  const requests = [...files].filter(([, content]) => content.includes('type: http'))
  expect(requests.map(([path]) => path.replace(/^[^/]+\/(\w+)\.yml$/, '$1')).sort()).toEqual(
    operations.map(({ operationId }) => operationId).sort(),
  )
  const all = [...files.values()].join('\n')
  const used = new Set([...all.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name))
  const given = [...all.matchAll(/bru\.setVar\('(\w+)'/g)].map(([, name]) => name)
  // A session is made by signing in, which answers no id of it: it is taken from the list by hand.
  // The example of a change of many tasks only counts them, and has none.
  const byHand = ['baseUrl', 'sessionId', 'bulkId']
  expect([...used].sort()).toEqual([...new Set([...given, ...byHand])].sort())
})

test.each([
  ['a word', 'word', 'word\n'],
  ['what would be another type', 'No', '"No"\n'],
  ['a number as text', '201', '"201"\n'],
  ['quotes, colons and braces', '{{a}}: "b"', '"{{a}}: \\"b\\""\n'],
  ['a list of records', [{ a: 1, b: { c: true } }], '- a: 1\n  b:\n    c: true\n'],
  ['several lines', { code: 'a\n\n  b' }, 'code: |-\n  a\n\n    b\n'],
  ['what is left out', { a: undefined, b: 'x' }, 'b: x\n'],
])('YAML: %s', (_, value, text) => {
  expect(toYaml(value)).toBe(text)
})
