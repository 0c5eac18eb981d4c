// Arrows run one way: runtimes → app, deps → http → features → core → db. The linter
// keeps them; here it is shown that it does, in a small tree of its own under the project's rules,
// where each wrong import is made once.
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/process.ts'

const ROOT = join(import.meta.dirname, '../..')
const BIOME = join(ROOT, 'node_modules/.bin/biome')

/** Where a layer's files lie, what is imported of it, and how far up it stands: imports go down. */
type Layer = { readonly files: readonly string[]; readonly entry: string; readonly height: number }
const layers: Readonly<Record<string, Layer>> = {
  db: { files: ['src/db/planted', 'src/db/open/planted'], entry: 'src/db/database.ts', height: 0 },
  core: { files: ['src/core/planted'], entry: 'src/core/access.ts', height: 1 },
  config: { files: ['src/config/planted'], entry: 'src/config.ts', height: 2 },
  backup: { files: ['src/backup/planted'], entry: 'src/backup/writer.ts', height: 3 },
  features: {
    files: [
      'src/features/planted',
      'src/features/tasks/planted',
      'src/features/tasks/folder/planted',
    ],
    entry: 'src/features/tasks/index.ts',
    height: 4,
  },
  http: {
    files: ['src/http/planted', 'src/http/v1/planted', 'src/http/pages/planted'],
    entry: 'src/http/router.ts',
    height: 5,
  },
  app: { files: ['src/planted'], entry: 'src/app.ts', height: 6 },
  deps: { files: [], entry: 'src/deps.ts', height: 6 },
  runtimes: {
    files: ['src/runtimes/planted', 'src/runtimes/node/planted'],
    entry: 'src/runtimes/node/server.ts',
    height: 7,
  },
}

/** Every way to take something from another module. */
const forms: Readonly<Record<string, (from: string) => string>> = {
  value: (from) => `import { x } from '${from}'\nexport const y = x\n`,
  type: (from) => `import type { X } from '${from}'\nexport type Y = X\n`,
  'side-effect': (from) => `import '${from}'\n`,
  again: (from) => `export { x } from '${from}'\n`,
  all: (from) => `export * from '${from}'\n`,
  dynamic: (from) => `export const y = await import('${from}')\n`,
}

type Planted = {
  readonly file: string
  readonly text: string
  readonly allowed: boolean
  readonly arrow: string
}

const specifier = (file: string, target: string): string => {
  const path = relative(dirname(file), target)
  return path.startsWith('.') ? path : `./${path}`
}

const arrows: readonly Planted[] = Object.entries(layers).flatMap(([from, { files, height }]) =>
  files.flatMap((base) =>
    Object.entries(layers)
      .filter(([to, target]) => to !== from && target.height !== height)
      .flatMap(([to, target]) =>
        Object.entries(forms).map(([form, text]) => {
          const file = `${base}-${to}-${form}.ts`
          return {
            file,
            text: text(specifier(file, target.entry)),
            allowed: target.height < height,
            arrow: `${from} → ${to}`,
          }
        }),
      ),
  ),
)

const platform: readonly Planted[] = Object.entries(layers).flatMap(([from, { files }]) =>
  files.map((base) => ({
    file: `${base}-platform.ts`,
    text: "import { readFileSync } from 'node:fs'\nexport const y = readFileSync\n",
    allowed: from === 'runtimes',
    arrow: `${from} → node:fs`,
  })),
)

type Report = {
  readonly summary: { readonly unchanged: number }
  readonly diagnostics: readonly { readonly location: { readonly path: string } }[]
}

/** Biome ends with 1 where it finds something; what it found is what counts here. */
const lint = (folder: string): Promise<Report> =>
  new Promise((resolve) => {
    const found = [
      'lint',
      '--reporter=json',
      '--max-diagnostics=none',
      '--only=style/noRestrictedImports',
      'src',
    ]
    execFile(BIOME, found, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (_error, out) =>
      resolve(JSON.parse(out)),
    )
  })

const filesFoundIn = ({ diagnostics }: Report): string[] => [
  ...new Set(diagnostics.map(({ location }) => location.path)),
]

const plant = (planted: readonly Planted[]): string => {
  const folder = temporaryFolder()
  copyFileSync(join(ROOT, 'biome.json'), join(folder, 'biome.json'))
  for (const { file, text } of planted) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  return folder
}

const expectFound = async (planted: readonly Planted[]) => {
  const folder = plant(planted)
  const found = filesFoundIn(await lint(folder))
  const wrong = planted.filter(({ file, allowed }) => found.includes(file) === allowed)
  expect(
    wrong.map(
      ({ arrow, file, allowed }) => `${arrow} in ${file} is ${allowed ? 'refused' : 'not refused'}`,
    ),
  ).toEqual([])
}

test('every import against the arrows is refused, in each form and place, and none along them', () =>
  expectFound(arrows))

test('only runtimes know the platform', () => expectFound(platform))

test('core, configuration and features know no HTTP framework', () => {
  const from = ['hono', 'hono/utils/url', '@hono/node-server']
  return expectFound(
    Object.entries(layers).flatMap(([layer, { files }]) =>
      files.flatMap((base) =>
        from.map((name, i) => ({
          file: `${base}-http-${i}.ts`,
          text: `import { x } from '${name}'\nexport const y = x\n`,
          allowed: !['core', 'config', 'features'].includes(layer),
          arrow: `${layer} → ${name}`,
        })),
      ),
    ),
  )
})

test('what lists the features takes of each only what its index.ts shows', () => {
  const planted = (name: string, target: string, allowed: boolean) => ({
    file: `src/features/${name}.ts`,
    text: `import { x } from '${target}'\nexport const y = x\n`,
    allowed,
    arrow: `features → ${target}`,
  })
  return expectFound([
    planted('a', './tasks/index.ts', true),
    planted('b', './tasks/create.ts', false),
    planted('c', '../core/zod.ts', true),
  ])
})

test('the password hash, and nothing else of accounts, may use node:crypto', () => {
  const text = "import { scrypt } from 'node:crypto'\nexport const y = scrypt\n"
  const planted = (name: string, allowed: boolean) => ({
    file: `src/features/account/passwords/${name}.ts`,
    text,
    allowed,
    arrow: `${name} → node:crypto`,
  })
  return expectFound([
    planted('passwords', true),
    planted('password-queue', false),
    planted('passwords-planted', false),
  ])
})

test('the sources keep to the arrows', async () => {
  const report = await lint(ROOT)
  expect(filesFoundIn(report)).toEqual([])
  expect(report.summary.unchanged, 'they were looked at').toBeGreaterThan(100)
})
