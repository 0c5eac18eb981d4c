// Moves everything from one database to another: npm run db:copy -- --from URL --to URL
// (docs/moving.md)
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Database } from '../src/db/database.ts'
import { lacking } from '../src/db/migrate.ts'
import { openFile } from '../src/db/open/file.ts'
import {
  type Copied,
  CopyMismatch,
  CopyRefused,
  copyDatabase,
  type Progress,
} from '../src/db/transfer.ts'
import { refusalOf } from '../src/runtimes/node/connection-errors.ts'
import { openServer } from '../src/runtimes/node/database-server.ts'
import { type DatabaseTarget, findDatabaseTarget } from '../src/runtimes/node/database-target.ts'
import { closeToOthers, makePrivately } from '../src/runtimes/node/filesystem.ts'
import { readMigrations } from '../src/runtimes/node/migrations.ts'
import { Refusal } from '../src/runtimes/node/refusal.ts'

const USAGE = 'usage: npm run db:copy -- --from URL --to URL [--batch ROWS]'
/** The command was not understood; a copy that was refused or failed ends with 1. */
const EXIT_USAGE = 2
const INTERRUPTED = 130
/** One writes while one reads ahead. */
const CONNECTIONS = 2

class Usage extends Error {}

type Arguments = { readonly from: string; readonly to: string; readonly batch: number }

/** Undefined where only help was asked for. */
const parse = (args: string[]): Arguments | undefined => {
  const { from = '', to = '', batch, help } = valuesOf(args)
  if (help) return undefined
  if (from.trim() === '' || to.trim() === '')
    throw new Usage('--from and --to each need the URL of a database')
  const rows = Number(batch)
  if (!Number.isInteger(rows) || rows < 1 || rows > 10_000)
    throw new Usage('--batch needs a number of rows from 1 to 10000')
  return { from, to, batch: rows }
}

const valuesOf = (args: string[]) => {
  const options = {
    from: { type: 'string' },
    to: { type: 'string' },
    batch: { type: 'string', default: '500' },
    help: { type: 'boolean' },
  } as const
  try {
    return parseArgs({ args, options }).values
  } catch {
    // parseArgs would repeat a URL
    throw new Usage('only --from, --to and --batch are known, each with a value')
  }
}

type Side = 'from' | 'to'

/** The database at a side's URL, ready to be read or filled. Throws Refusal. */
const open = async (side: Side, url: string): Promise<Database> => {
  let target: DatabaseTarget | undefined
  let db: Database | undefined
  const onlyRead = side === 'from'
  try {
    const databaseAuthToken = /[?&]authtoken=/i.test(url)
      ? undefined
      : process.env['DATABASE_AUTH_TOKEN']?.trim() || undefined
    target = findDatabaseTarget({
      databaseUrl: url,
      databaseAuthToken,
      dataDir: undefined,
      spaceId: undefined,
    })
    if (side === 'from' && target.kind === 'file' && !existsSync(target.path))
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
    await prepare(side, db)
    return db
  } catch (error) {
    await db?.close().catch(() => {})
    const refusal =
      error instanceof Refusal || target === undefined ? error : refusalOf(target, error)
    if (!(refusal instanceof Refusal)) throw refusal
    throw new Refusal(refusal.message.replaceAll('DATABASE_URL', `--${side}`))
  }
}

/**
 * Nothing is ever changed in the source, so it has to be as new as this program; the target is made
 * so if it is empty.
 */
const prepare = async (side: Side, db: Database): Promise<void> => {
  const migrations = readMigrations(db.dialect.name)
  const missing = await lacking(db, migrations)
  if (missing.length === 0) return
  if (side === 'from')
    throw new Refusal(
      '--from was last used by an older version of Taskport, or by none: start this version on it once',
    )
  if (missing.length < migrations.length)
    throw new Refusal('--to has the tables of an older version of Taskport: name an empty database')
  await db.migrate(migrations)
}

const BAR = 30
const number = new Intl.NumberFormat('en').format
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

const run = async ({ from, to, batch }: Arguments): Promise<Copied> => {
  const opened: Database[] = []
  try {
    const source = await open('from', from)
    opened.push(source)
    const target = await open('to', to)
    opened.push(target)
    return await copyDatabase(source, target, {
      batch,
      onProgress: process.stderr.isTTY ? bar() : lines(),
    })
  } finally {
    await Promise.allSettled(opened.map((db) => db.close()))
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
try {
  makePrivately()
  const given = parse(process.argv.slice(2))
  if (given) {
    const { rows, sha256 } = await run(given)
    console.log(`${number(rows)} rows copied and verified, SHA-256 ${sha256}`)
  } else console.log(USAGE)
} catch (error) {
  const usage = error instanceof Usage
  const final =
    usage ||
    error instanceof Refusal ||
    error instanceof CopyRefused ||
    error instanceof CopyMismatch
  console.error(
    `db:copy: ${explain(error)}${final ? '' : '; the same command goes on from here'}${usage ? `\n${USAGE}` : ''}`,
  )
  process.exitCode = usage ? EXIT_USAGE : 1
}
