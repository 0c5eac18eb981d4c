import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { type ProblemCode, problemOf } from '../../src/http/problem.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

test('docs/errors.md has every code with its status', () => {
  // The cases of the one switch: its type does not exist at run time.
  const codes = [...read('src/http/problem.ts').matchAll(/case '(\w+)':/g)].map(
    ([, code]) => code as ProblemCode,
  )
  expect(codes.length).toBeGreaterThan(20)
  const own = [
    ...read('src/runtimes/node/http-errors.ts').matchAll(/status: (\d+),[^}]*?code: '(\w+)'/g),
  ].map(([, status, code]) => `${code} ${status}`)
  const documented = [...read('docs/errors.md').matchAll(/^\| `(\w+)` +\| (\d+) +\|/gm)].map(
    ([, code, status]) => `${code} ${status}`,
  )
  expect(documented.sort()).toEqual(
    [...codes.map((code) => `${code} ${problemOf(code).status}`), ...own].sort(),
  )
})

const pages = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n')

test.each(pages)('links of %s lead to files that are there', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map(
    ([, link]) => link as string,
  )
  expect(links.filter((link) => !existsSync(join(ROOT, dirname(page), link)))).toEqual([])
})

test.each([
  ['docs/architecture.md', 20],
  ['CONTRIBUTING.md', 20],
  ['SECURITY.md', 5],
] as const)('%s names files and folders that are there', (page, least) => {
  const named = [...read(page).matchAll(/`((?:src|test|scripts|docs|[a-z]+)\/[\w./-]+)`/g)].map(
    ([, path]) => path as string,
  )
  const roots = ['', 'src']
  expect(named.length).toBeGreaterThanOrEqual(least)
  expect(named.filter((path) => !roots.some((root) => existsSync(join(ROOT, root, path))))).toEqual(
    [],
  )
})
