// Moves everything from one database to another: npm run db:copy -- --from URL --to URL
// (docs/moving.md)
import type { Database } from '../src/db/database.ts'
import { lacking } from '../src/db/migrate.ts'
import { openFile } from '../src/db/open/file.ts'
import { lackingOfOurs } from '../src/db/other-tables.ts'
import {
  type Copied,
  CopyMismatch,
  CopyRefused,
  copyDatabase,
  type Progress,
  planCopy,
} from '../src/db/transfer.ts'
import { type Given, UsageError } from '../src/runtimes/node/command-line.ts'
import { refusalOf } from '../src/runtimes/node/connection-errors.ts'
import { openServer } from '../src/runtimes/node/database-server.ts'
import { type DatabaseTarget, findDatabaseTarget } from '../src/runtimes/node/database-target.ts'
import { closeToOthers, makePrivately } from '../src/runtimes/node/filesystem.ts'
import { readMigrations } from '../src/runtimes/node/migrations.ts'
import { Refusal } from '../src/runtimes/node/refusal.ts'
import { number } from './support/number.ts'
import { runProgram } from './support/program.ts'
import { DRY_RUN, isAbsent, tokenFor } from './support/service.ts'

const program = {
  name: 'npm run db:copy',
  forms: ['--from URL --to URL [--batch ROWS] [--dry-run]'],
  about:
    'Copies everything from one database into another one, which has to be empty, and verifies it: docs/moving.md. The service has to be stopped. The same command goes on with a copy that was interrupted.',
  options: {
    from: { value: 'URL', doc: 'the database that is only read, as in DATABASE_URL' },
    to: { value: 'URL', doc: 'the database that is filled' },
    batch: { value: 'ROWS', doc: 'rows that are written at a time, 1 to 10000: 500 without it' },
    'dry-run': DRY_RUN,
  },
  examples: [
    [
      '--from file:/data/taskport.db --to postgres://me@db.example.org/taskport',
      'moves to Postgres',
    ],
    ['--from file:a.db --to file:b.db --dry-run', 'counts the rows, and checks the target'],
  ],
  exits: {
    1: 'refused or failed, and a line on standard error says why and whether to go on',
    130: 'interrupted by Control-C; the same command goes on',
  },
} as const

/** What a refusal says of DATABASE_URL alone: both of these are needed. */
const LEFT_OUT = /, (?:or leave it out for|for) the embedded database(?: leave it out)?/
const INTERRUPTED = 130
/** One writes while one reads ahead. */
const CONNECTIONS = 2
const BATCH = '500'
const MOST_ROWS = 10_000

type Arguments = {
  readonly from: string
  readonly to: string
  readonly batch: number
  readonly dry: boolean
}

const argumentsOf = ({ options }: Given<typeof program.options>): Arguments => {
  const { from, to, batch = BATCH, 'dry-run': dry } = options
  if (from === undefined || to === undefined)
    throw new UsageError('--from and --to each need the URL of a database')
  const rows = Number(batch)
  if (!Number.isInteger(rows) || rows < 1 || rows > MOST_ROWS)
    throw new UsageError(`--batch needs a number of rows from 1 to ${MOST_ROWS}`)
  return { from, to, batch: rows, dry }
}

type Side = 'from' | 'to'

/**
 * The database at a side's URL, ready to be read or filled. A dry run makes nothing, so it answers
 * undefined for a target that has no tables yet. Throws Refusal.
 */
const open = async (side: Side, url: string, dry = false): Promise<Database | undefined> => {
  let target: DatabaseTarget | undefined
  let db: Database | undefined
  const onlyRead = side === 'from'
  try {
    const databaseAuthToken = tokenFor(url, process.env)
    target = findDatabaseTarget({
      databaseUrl: url,
      databaseAuthToken,
      dataDir: undefined,
      spaceId: undefined,
    })
    if (dry && side === 'to' && isAbsent(target)) return undefined
    if (side === 'from' && target.kind === 'file' && isAbsent(target))
      throw new Refusal(`--from names ${target.path}, which does not exist`)
    if (side === 'to' && target.kind === 'file') closeToOthers(target.path)
    db =
      target.kind === 'file'
        ? openFile(target.path, { onlyRead })
        : await openServer(target, {
            poolSize: CONNECTIONS,
            deadline: Number.POSITIVE_INFINITY,
            onlyRead,
          })
    if (await prepare(side, db, dry)) return db
    await db.close()
    return undefined
  } catch (error) {
    await db?.close().catch(() => {})
    const refusal =
      error instanceof Refusal || target === undefined ? error : refusalOf(target, error)
    if (!(refusal instanceof Refusal)) throw refusal
    throw new Refusal(refusal.message.replace(LEFT_OUT, '').replaceAll('DATABASE_URL', `--${side}`))
  }
}

/**
 * Nothing is ever changed in the source, so it has to be as new as this program; the target is made
 * so if it is empty, except in a dry run. Answers whether the database has its tables.
 */
const prepare = async (side: Side, db: Database, dry: boolean): Promise<boolean> => {
  const migrations = readMigrations(db.dialect.name)
  const missing = await (side === 'from' ? lacking : lackingOfOurs)(db, migrations)
  if (missing.length === 0) return true
  if (side === 'from')
    throw new Refusal(
      '--from was last used by an older version of Taskport, or by none: start this version on it once',
    )
  if (missing.length < migrations.length)
    throw new Refusal('--to has the tables of an older version of Taskport: name an empty database')
  if (!dry) await db.migrate(migrations)
  return !dry
}

const BAR = 30
const share = ({ done, total }: Progress) => (total === 0 ? 1 : Math.min(1, done / total))

/** A bar that is redrawn at most ten times a second. */
const bar = () => {
  const started = performance.now()
  let drawn = 0
  return (progress: Progress) => {
    const now = performance.now()
    if (now - drawn < 100 && share(progress) < 1) return
    drawn = now
    const filled = Math.round(share(progress) * BAR)
    const { phase, table, done, total } = progress
    const text = `${phase.padEnd(6)} [${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${number(done)} of ${number(total)} rows, ${table}, ${Math.round((now - started) / 1000)} s`
    process.stderr.write(`\r\x1b[K${text}${share(progress) === 1 ? '\n' : ''}`)
  }
}

/** A line at every tenth of each phase, for logs. */
const lines = () => {
  let said = ''
  return (progress: Progress) => {
    const step = `${progress.phase} ${Math.floor(share(progress) * 10) * 10} %`
    if (step !== said)
      console.error(`${step}, ${number(progress.done)} of ${number(progress.total)} rows`)
    said = step
  }
}

type Sides = { readonly source: Database; readonly target: Database | undefined }

const withBoth = async <T>({ from, to, dry }: Arguments, run: (sides: Sides) => Promise<T>) => {
  const opened: Database[] = []
  const openAndKeep = async (side: Side, url: string) => {
    const db = await open(side, url, dry)
    if (db) opened.push(db)
    return db
  }
  try {
    const source = (await openAndKeep('from', from)) as Database
    return await run({ source, target: await openAndKeep('to', to) })
  } finally {
    await Promise.allSettled(opened.map((db) => db.close()))
  }
}

const copy = (given: Arguments): Promise<Copied> =>
  withBoth(given, ({ source, target }) =>
    copyDatabase(source, target as Database, {
      batch: given.batch,
      onProgress: process.stderr.isTTY ? bar() : lines(),
    }),
  )

const say = async (given: Arguments): Promise<void> => {
  if (given.dry) {
    const { rows, copied } = await withBoth(given, ({ source, target }) => planCopy(source, target))
    console.log(`would copy ${number(rows - copied)} of ${number(rows)} rows`)
  } else {
    const { rows, sha256 } = await copy(given)
    console.log(`${number(rows)} rows copied and verified, SHA-256 ${sha256}`)
  }
}

/** What went wrong, on one line; a URL in a driver's message may hold a password. */
const explain = (error: unknown): string => {
  const { message, code } = error as { message?: string; code?: unknown }
  const text = message || String(code)
  return (error instanceof Refusal ? text : text.replace(/\b[a-z+]+:\/\/\S*/gi, 'its address'))
    .replace(/\s+/g, ' ')
    .trim()
}

process.once('SIGINT', () => {
  console.error('\ndb:copy: interrupted; the same command goes on from here')
  process.exit(INTERRUPTED)
})
await runProgram(
  program,
  (given) => {
    makePrivately()
    return say(argumentsOf(given))
  },
  {
    label: 'db:copy',
    explain: (error) => {
      const final =
        error instanceof Refusal || error instanceof CopyRefused || error instanceof CopyMismatch
      return `${explain(error)}${final ? '' : '; the same command goes on from here'}`
    },
  },
)
