// The modules of src import each other in no circle: in a circle a module runs before one that it
// needs. An `import type` is erased, so it does not count. An `import()` counts. Files stay short
// enough to be read at once.
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'

const SRC = join(import.meta.dirname, '../../src')
const MOST_LINES = 250
const MEDIAN_LINES = 70

const sources: ReadonlyMap<string, string> = new Map(
  globSync('**/*.ts', { cwd: SRC })
    .filter((file) => !file.endsWith('.d.ts'))
    .map((file) => [file, readFileSync(join(SRC, file), 'utf8')]),
)

/** Imports and exports of other modules, from the first word of the statement on. */
const STATEMENT = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s+)?'(\.[^']+)'/gm
const DYNAMIC = /\bimport\('(\.[^']+)'\)/g

/** Whether the statement names something that is not a type. `import './x.ts'` runs the module. */
const hasValue = (statement: string): boolean => {
  const names = /\{([^}]*)\}/.exec(statement)?.[1]?.split(',')
  return names?.some((name) => name.trim() !== '' && !/^\s*type\s/.test(name)) ?? true
}

const importsOf = (file: string, text: string): string[] =>
  [
    ...[...text.matchAll(STATEMENT)].filter(([statement]) => hasValue(statement)),
    ...text.matchAll(DYNAMIC),
  ]
    .map(([, specifier = '']) => relative(SRC, join(SRC, dirname(file), specifier)))
    .filter((imported) => imported.endsWith('.ts'))

/** The first circle that a search finds, as a path from a module to itself. */
const circleIn = (graph: ReadonlyMap<string, readonly string[]>): string | undefined => {
  const path: string[] = []
  const done = new Set<string>()
  const search = (file: string): string | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file].join(' → ')
    if (done.has(file)) return undefined
    path.push(file)
    for (const imported of graph.get(file) ?? []) {
      const circle = search(imported)
      if (circle !== undefined) return circle
    }
    path.pop()
    done.add(file)
    return undefined
  }
  for (const file of graph.keys()) {
    const circle = search(file)
    if (circle !== undefined) return circle
  }
  return undefined
}

const graphOf = (files: ReadonlyMap<string, string>) =>
  new Map([...files].map(([file, text]) => [file, importsOf(file, text)]))

test('the search finds a circle by every kind of import, and none by types alone', () => {
  const circle = (back: string) =>
    circleIn(
      graphOf(
        new Map([
          ['a.ts', "import { b } from './x/b.ts'\n"],
          ['x/b.ts', `import { z } from 'zod'\n${back}`],
        ]),
      ),
    )
  for (const back of [
    "import { a } from '../a.ts'\n",
    "import {\n  type A,\n  a,\n} from '../a.ts'\n",
    "import * as a from '../a.ts'\n",
    "import '../a.ts'\n",
    "export { a } from '../a.ts'\n",
    "export * from '../a.ts'\n",
    "const a = await import('../a.ts')\n",
  ])
    expect(circle(back), back).toBe('a.ts → x/b.ts → a.ts')
  for (const back of [
    "import type { A } from '../a.ts'\n",
    "import { type A } from '../a.ts'\n",
    "export type { A } from '../a.ts'\n",
    "export const a = '../a.ts'\n",
  ])
    expect(circle(back), back).toBeUndefined()
})

test('no circle of imports', () => {
  const graph = graphOf(sources)
  for (const [file, imported] of graph)
    for (const other of imported) expect(sources.has(other), `${file} imports ${other}`).toBe(true)
  expect(circleIn(graph)).toBeUndefined()
})

test('no file is long, and half of them are short', () => {
  const lines = (text: string) => text.split('\n').length - 1
  const long = [...sources].filter(([, text]) => lines(text) > MOST_LINES)
  expect(long.map(([file, text]) => `${file}: ${lines(text)} lines`)).toEqual([])
  const sorted = [...sources.values()].map(lines).sort((a, b) => a - b)
  expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(MEDIAN_LINES)
})
