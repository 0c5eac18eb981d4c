import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type ProblemCode, problemOf } from '../src/http/problem.ts'

const read = (path: string): string => readFileSync(join(import.meta.dirname, '..', path), 'utf8')

test('docs/errors.md has every code with its status', () => {
  // The cases of the one switch: its type does not exist at run time.
  const codes = [...read('src/http/problem.ts').matchAll(/case '(\w+)':/g)].map(([, code]) => code as ProblemCode)
  expect(codes.length).toBeGreaterThan(20)
  const own = [...read('src/runtimes/node/http-errors.ts').matchAll(/status: (\d+),[^}]*?code: '(\w+)'/g)].map(
    ([, status, code]) => `${code} ${status}`,
  )
  const documented = [...read('docs/errors.md').matchAll(/^\| `(\w+)` +\| (\d+) +\|/gm)].map(([, code, status]) => `${code} ${status}`)
  expect(documented.sort()).toEqual([...codes.map((code) => `${code} ${problemOf(code).status}`), ...own].sort())
})
