// The changelog is a list of dated versions, and the newest is the one that package.json names.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import lock from '../../package-lock.json' with { type: 'json' }
import { version } from '../../src/version.ts'

const read = (path: string): string =>
  readFileSync(join(import.meta.dirname, '../..', path), 'utf8')

type Section = { readonly title: string; readonly text: string }
const sectionsOf = (changelog: string): Section[] =>
  changelog
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [title = '', ...text] = part.split('\n')
      return { title, text: text.join('\n').trim() }
    })

const RELEASE = /^(\d+)\.(\d+)\.(\d+) \((\d{4}-\d{2}-\d{2})\)$/

/** What is wrong with a changelog for a program of this version. */
const faultsOf = (changelog: string, current: string): string[] => {
  const sections = sectionsOf(changelog)
  const releases = sections.filter(({ title }, i) => !(i === 0 && title === 'Unreleased'))
  const parsed = releases.map(({ title }) => RELEASE.exec(title))
  const dated = parsed.filter((found) => found !== null)
  const order = dated.map(([, ...parts]) => parts.slice(0, 3).map(Number))
  const rising = (newer: number[], older: number[] = []): boolean => {
    const at = newer.findIndex((part, i) => part !== older[i])
    return at >= 0 && (newer[at] ?? 0) > (older[at] ?? 0)
  }
  return [
    ...sections.filter(({ text }) => text === '').map(({ title }) => `${title}: nothing in it`),
    ...releases.filter((_, i) => !parsed[i]).map(({ title }) => `${title}: no version with a day`),
    ...dated
      .filter(([, , , , day = '']) => {
        const time = Date.parse(`${day}T00:00:00Z`)
        return Number.isNaN(time) || !new Date(time).toISOString().startsWith(day)
      })
      .map(([title]) => `${title}: no such day`),
    ...dated.slice(0, -1).flatMap(([title, ...newer], i) => {
      const older = dated[i + 1]
      const [day = '', before = ''] = [newer[3], older?.[4]]
      return rising(order[i] ?? [], order[i + 1]) && day >= before
        ? []
        : [`${title}: not newer than ${older?.[0]}`]
    }),
    ...(releases[0]?.title.startsWith(`${current} (`)
      ? []
      : [`${current} is not the newest version`]),
  ]
}

test('the newest version of CHANGELOG.md, which has a day, is that of package.json', () => {
  expect(faultsOf(read('CHANGELOG.md'), manifest.version)).toEqual([])
  expect([version, lock.version, lock.packages[''].version]).toEqual(
    Array(3).fill(manifest.version),
  )
})

test('the changelog promises what may change in which version, and leads to the upgrade guide', () => {
  const [intro = ''] = read('CHANGELOG.md').split(/^## /m)
  expect(intro).toContain('(docs/upgrading.md#what-may-change-in-which-version)')
  const guide = read('docs/upgrading.md')
  for (const heading of ['# From one version', '## Back to', '## What may change in which version'])
    expect(guide).toContain(heading)
})

test.each([
  ['only what is not released', '## Unreleased\n\nx\n', ['1.2.3 is not the newest version']],
  [
    'a version without a day',
    '## 1.2.3\n\nx\n',
    ['1.2.3: no version with a day', 'not the newest'],
  ],
  ['a day that is none', '## 1.2.3 (2027-02-30)\n\nx\n', ['no such day']],
  ['an empty version', '## 1.2.3 (2027-02-28)\n\n', ['nothing in it']],
  [
    'a version below a newer one',
    '## 1.2.3 (2027-02-28)\n\nx\n\n## 1.10.0 (2027-01-01)\n\ny\n',
    ['not newer than 1.10.0'],
  ],
  [
    'days out of order',
    '## 1.2.3 (2027-02-28)\n\nx\n\n## 1.2.2 (2027-03-01)\n\ny\n',
    ['not newer than 1.2.2'],
  ],
  ['unreleased below', '## 1.2.3 (2027-02-28)\n\nx\n\n## Unreleased\n\ny\n', ['Unreleased: no']],
  [
    'nothing wrong',
    '## Unreleased\n\nz\n\n## 1.2.3 (2027-02-28)\n\nx\n\n## 1.2.2 (2027-02-28)\n\ny\n',
    [],
  ],
])('it is noticed: %s', (_, changelog, faults) => {
  const found = faultsOf(changelog, '1.2.3')
  expect(found).toEqual(faults.map((fault) => expect.stringContaining(fault)))
})
