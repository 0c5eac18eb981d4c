import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { isBatchable, type Operation } from '../../src/core/operation.ts'
import { operations } from '../../src/features/operations.ts'
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
  // Some are answered in both places.
  const answered = new Set([...codes.map((code) => `${code} ${problemOf(code).status}`), ...own])
  expect([...new Set(documented)].sort()).toEqual([...answered].sort())
})

test('docs/batch.md names the operations of API keys that are no part of a batch', () => {
  const [, which = ''] = /^- \*\*Which\.\*\*([\s\S]*?)^- /m.exec(read('docs/batch.md')) ?? []
  const named = [...which.matchAll(/`(\w+)`/g)].map(([, name]) => name)
  const left = Object.values<Operation>(operations).filter(
    (operation) => operation.access.scope !== null && !isBatchable(operation),
  )
  expect(named.filter((name) => name !== 'not_in_batch').sort()).toEqual(
    left.map(({ id }) => id).sort(),
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

/** As GitHub makes it of a heading: https://github.com/Flet/github-slugger */
const anchorsOf = (page: string): ReadonlySet<string> => {
  const text = read(page).replace(/^ *```[\s\S]*?^ *```/gm, '')
  const slugs = [...text.matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '')
      .replaceAll(' ', '-'),
  )
  const before = (i: number) => slugs.slice(0, i).filter((slug) => slug === slugs[i]).length
  return new Set(slugs.map((slug, i) => (before(i) === 0 ? slug : `${slug}-${before(i)}`)))
}

test.each(pages)('links of %s lead to headings that are there', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)/g)]
  const dead = links.filter(([, path = '', anchor = '']) => {
    const target = path === '' ? page : join(dirname(page), path)
    return target.endsWith('.md') && !anchorsOf(target).has(decodeURIComponent(anchor))
  })
  expect(dead.map(([link]) => link)).toEqual([])
})

const scripts: Readonly<Record<string, string>> = JSON.parse(read('package.json')).scripts
/** Their first word: some are made for each database. */
const projects = [...read('vitest.config.ts').matchAll(/name: [`'](\w+)/g)].map(([, name]) => name)

test.each(pages)('commands of %s are there', (page) => {
  const text = read(page)
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, name = '']) => name)
  const run = found(/npm (?:-s )?run (?:-s )?([a-z][\w:]*\w)/g)
  expect(run.filter((name) => scripts[name] === undefined)).toEqual([])
  const files = [
    ...found(
      /(?:npx vitest run|node|python3|bun) (?:[^\n`]* )?((?:test|src|scripts|examples)\/[\w./-]+)/g,
    ),
    ...found(/docker compose -f (\S+)/g),
  ]
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
  const named = found(/--project '?([a-z]+)/g)
  expect(named.filter((name) => !projects.includes(name))).toEqual([])
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
