// What must not get into the repository or the image by mistake: variables with secrets, keys,
// databases and their copies.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const pages = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) =>
    join('docs', name),
  ),
]
  .filter((name) => name.endsWith('.md'))
  .map((name) => readFileSync(join(ROOT, name), 'utf8'))

/**
 * Names of files with variables, keys and databases, wherever a page has them; `…` stands for the
 * rest of a name.
 */
const FILES =
  /(?<![\w/.*-])(?:[\w.-]+\/)*(?:\.env|\.dev\.vars|[\w-]+\.(?:db|sqlite3?|pem|key|p12|pfx))\b[\w.…-]*/g
/** A sentence that says of files that they are not committed. */
const UNCOMMITTED = /[^.\n]*(?:\.\S[^.\n]*)*\b(?:not|never) committed\b/g

/** Examples are committed. */
const isExample = (name: string): boolean => name.endsWith('.example')
const inDocs = pages
  .flatMap((page) => [...page.matchAll(FILES)].map(([name]) => name))
  .filter((name) => !isExample(name))
  .map((name) => name.replace('…', '2026-11-23T120000Z'))
const calledUncommitted = pages.flatMap((page) =>
  [...page.matchAll(UNCOMMITTED)].flatMap(([sentence]) =>
    [...sentence.matchAll(/`([\w./-]+)`/g)].map(([, name = '']) => name),
  ),
)
/** As people name them besides: an environment each, and what stands beside a database. */
const USUAL = [
  ...[
    '.env',
    '.env.local',
    '.env.production',
    '.env.production.local',
    '.envrc',
    '.dev.vars',
    '.dev.vars.production',
  ],
  ...[
    'taskport.db',
    'taskport.db-wal',
    'taskport.db-shm',
    'taskport.db.copy/snapshot.db',
    'taskport.db.aside-2026-11-23T120000Z',
  ],
  ...[
    'backup.db.gz',
    'backup.db.gz.enc',
    'tasks.sqlite',
    'key.pem',
    'server.key',
    'data/taskport.db',
  ],
]
const secret = [...new Set([...inDocs, ...calledUncommitted, ...USUAL])].filter(
  (name) => !name.startsWith('..'),
)

const isIgnored = (name: string): boolean =>
  spawnSync('git', ['check-ignore', '-q', '--no-index', name], { cwd: ROOT }).status === 0

test('the pages name such files', () => {
  expect(inDocs).toEqual(
    expect.arrayContaining(['.env', '.dev.vars', 'taskport.db-wal', 'backup.db.gz', 'then.db']),
  )
  expect(calledUncommitted).toContain('.dev.vars')
})

test('git ignores them, in every folder, and nothing that is in the repository', () => {
  const names = secret.map((name) => name.replace(/^\/+/, ''))
  expect(
    names
      .flatMap((name) => [name, join('src', name), join('docs/deploy', name)])
      .filter((name) => !isIgnored(name)),
  ).toEqual([])
  expect(['.env.example', '.dev.vars.example'].filter(isIgnored)).toEqual([])
  const tracked = spawnSync('git', ['ls-files', '-ci', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  expect({ status: tracked.status, stdout: tracked.stdout }).toEqual({ status: 0, stdout: '' })
})

test('the image is built without them: .dockerignore keeps them out of the folders that it lets in', () => {
  const lines = readFileSync(join(ROOT, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const lastAdmitted = lines.findLastIndex((line) => line.startsWith('!'))
  const keptOut = lines.slice(lastAdmitted + 1)
  // A pattern of .gitignore holds in every folder; Docker wants that said.
  const inGit = readFileSync(join(ROOT, '.gitignore'), 'utf8')
    .split('\n# Secrets and data')[1]
    ?.split('\n')
    .slice(1)
    .filter((line) => /^[^#!]/.test(line))
  expect(inGit?.length).toBeGreaterThan(5)
  expect(keptOut.filter((line) => line.startsWith('**/'))).toEqual(
    inGit?.map((line) => `**/${line}`),
  )
})
