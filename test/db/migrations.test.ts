// The migrations are complete, alike for all dialects, safe where a table cannot be rebuilt, and
// applied once.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import type { DialectName } from '../../src/db/database.ts'
import { mysql } from '../../src/db/dialect/mysql.ts'
import { postgres } from '../../src/db/dialect/postgres.ts'
import { sqlite } from '../../src/db/dialect/sqlite.ts'
import { NewerDatabase } from '../../src/db/migrate.ts'
import { openFile } from '../../src/db/open/file.ts'
import { readMigrations } from '../../src/runtimes/node/migrations.ts'
import { temporaryFolder } from '../support/process.ts'

/**
 * Loaded by require: as an ES module it brings a second copy of drizzle, whose tables ours are not.
 */
const kit = createRequire(import.meta.url)('drizzle-kit/api') as typeof import('drizzle-kit/api')

const ROOT = join(import.meta.dirname, '../..')
const dialects = ['sqlite', 'postgres', 'mysql'] as const
type Snapshot = { readonly id: string; readonly prevId: string }

const read = (...path: string[]): string => readFileSync(join(ROOT, 'drizzle', ...path), 'utf8')
const tagsOf = (dialect: DialectName): string[] =>
  (
    JSON.parse(read(dialect, 'meta', '_journal.json')) as { entries: { tag: string }[] }
  ).entries.map(({ tag }) => tag)
const snapshotOf = (dialect: DialectName, tag: string): Snapshot =>
  JSON.parse(read(dialect, 'meta', `${tag.slice(0, 4)}_snapshot.json`))

test.each(dialects)(
  '%s has the same migrations as the others, in a journal that its files agree with',
  (dialect) => {
    const tags = tagsOf(dialect)
    expect(tags.length).toBeGreaterThan(0)
    expect(tags).toEqual(tagsOf('sqlite'))
    expect(tags).toEqual([...tags].sort())
    const files = readdirSync(join(ROOT, 'drizzle', dialect)).filter((name) => name !== 'meta')
    expect(files.sort()).toEqual(tags.map((tag) => `${tag}.sql`))
    expect(readMigrations(dialect).map(({ tag }) => tag)).toEqual(tags)
    const snapshots = tags.map((tag) => snapshotOf(dialect, tag))
    expect(snapshots.slice(1).map(({ prevId }) => prevId)).toEqual(
      snapshots.slice(0, -1).map(({ id }) => id),
    )
  },
)

/** What drizzle-kit would write now, given its last snapshot and the tables of the schema. */
const missing: Record<DialectName, (last: Snapshot) => Promise<string[]>> = {
  sqlite: async (last) =>
    kit.generateSQLiteMigration(
      last as never,
      await kit.generateSQLiteDrizzleJson({ ...sqlite.t }, last.id),
    ),
  postgres: async (last) =>
    kit.generateMigration(last as never, kit.generateDrizzleJson({ ...postgres.t }, last.id)),
  mysql: async (last) =>
    kit.generateMySQLMigration(
      last as never,
      await kit.generateMySQLDrizzleJson({ ...mysql.t }, last.id),
    ),
}

test.each(dialects)('%s: the schema needs no further migration', async (dialect) => {
  const last = snapshotOf(dialect, tagsOf(dialect).at(-1) as string)
  expect(await missing[dialect](last)).toEqual([])
})

test.each(dialects)('%s: a table that is not migrated would be seen', async (dialect) => {
  const last = snapshotOf(dialect, tagsOf(dialect).at(-1) as string) as Snapshot & {
    tables: Record<string, unknown>
  }
  const { labels, 'public.labels': labelsOfPostgres, ...tables } = last.tables
  expect(labels ?? labelsOfPostgres).toBeDefined()
  expect((await missing[dialect]({ ...last, tables } as Snapshot)).join('\n')).toMatch(
    /create table .?labels/i,
  )
})

test('SQLite migrations only add: on D1, dropping a table to rebuild it takes the rows of others along', () => {
  const adds =
    /^(create table|create (unique )?index|drop index|alter table \S+ add|insert into|update) /i
  for (const { tag, statements } of readMigrations('sqlite'))
    expect(
      statements.filter((statement) => !adds.test(statement) || statement.includes('__new_')),
      tag,
    ).toEqual([])
})

// The ledger of a file.

const newFile = () => join(temporaryFolder(), 'taskport.db')
const open = (path: string) => {
  const db = openFile(path)
  onTestFinished(() => db.close())
  return db
}
const all = readMigrations('sqlite')
const tags = all.map(({ tag }) => tag)
const later = { tag: '9999_later', statements: ['create table later (id text primary key)'] }

/**
 * A process that migrates every file that it is told, and says which migrations it applied to it.
 */
const migrator = (): ChildProcess => {
  const program = `
    const { openFile } = await import(${JSON.stringify(join(ROOT, 'src/db/open/file.ts'))})
    const { readMigrations } = await import(${JSON.stringify(join(ROOT, 'src/runtimes/node/migrations.ts'))})
    process.stdin.on('data', async (path) => {
      const db = openFile(String(path).trim())
      const said = { applied: await db.migrate(readMigrations('sqlite')), ledger: await db.migrated() }
      await db.close()
      console.log(JSON.stringify(said))
    })
    console.log('"ready"')`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

test('six processes that migrate a new file at once all succeed, and one of them does it, file after file', async () => {
  const children = Array.from({ length: 6 }, migrator)
  const lines = children.map(({ stdout }) =>
    createInterface(stdout as Readable)[Symbol.asyncIterator](),
  )
  // Where a process has ended, there is no next line, and this is no JSON.
  const said = () =>
    Promise.all(
      lines.map(
        async (of) =>
          JSON.parse((await of.next()).value ?? '') as { applied: string[]; ledger: string[] },
      ),
    )
  await said()
  for (let file = 0; file < 20; file++) {
    const path = newFile()
    const told = said()
    for (const { stdin } of children) stdin?.write(`${path}\n`)
    const answers = await told
    expect(answers.map(({ ledger }) => ledger)).toEqual(children.map(() => tags))
    expect(answers.map(({ applied }) => applied).filter((applied) => applied.length > 0)).toEqual([
      tags,
    ])
  }
})

test('what a newer version has added is not touched: the ledger names it, and this version refuses', async () => {
  const db = open(newFile())
  expect(await db.migrate([...all, later])).toEqual([...tags, later.tag])
  const refused = await db.migrate(all).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(NewerDatabase)
  expect((refused as Error).message).toContain(later.tag)
  expect(await db.migrated()).toEqual([...tags, later.tag])
})

test('a migration that fails leaves nothing behind, not even those before it', async () => {
  const path = newFile()
  const db = open(path)
  const broken = {
    tag: '9998_broken',
    statements: [
      'create table half (id text primary key)',
      'create table half (id text primary key)',
    ],
  }
  await expect(db.migrate([...all, broken])).rejects.toThrow(/half/)
  expect(await db.migrated()).toEqual([])
  expect(await db.migrate([...all, later]), 'the file is as good as new').toEqual([
    ...tags,
    later.tag,
  ])
})

test('an earlier ledger gets what it lacks, in order', async () => {
  const db = open(newFile())
  const [first, second] = [
    later,
    { tag: '9999_latest', statements: ['alter table later add note text'] },
  ]
  await db.migrate([...all, first])
  expect(await db.migrate([...all, first, second])).toEqual([second.tag])
  expect(await db.migrated()).toEqual([...tags, first.tag, second.tag])
})
