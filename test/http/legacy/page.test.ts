// docs/original-contract.md is the whole of the contract: every name of its tables stands there.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { login, profile, refresh, registration } from '../../../src/http/legacy/account-bodies.ts'
import { fieldNames } from '../../../src/http/legacy/fields.ts'
import { keptNames } from '../../../src/http/legacy/kept.ts'
import { parameters } from '../../../src/http/legacy/parameters.ts'

const page = readFileSync(new URL('../../../docs/original-contract.md', import.meta.url), 'utf8')
const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
/** Of these the page says: the same in camelCase. */
const isKept = (name: string) => (keptNames as readonly string[]).includes(snakeCase(name))

test.each([
  ['fields', fieldNames.flat()],
  ['parameters', Object.values(parameters).flatMap(({ names }) => [...names])],
  [
    'accounts',
    [registration, login, refresh, profile].flatMap(({ documented }) =>
      Object.keys(documented.shape),
    ),
  ],
])('%s', (_, names) => {
  expect(names.length).toBeGreaterThan(5)
  const missing = names.filter(
    (name) => !page.includes(`\`${isKept(name) ? snakeCase(name) : name}\``),
  )
  expect(missing).toEqual([])
})
