// Moves everything from one database to another: npm run db:copy -- --from URL --to URL (docs/moving.md)
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Copied, CopyMismatch, CopyRefused, copyDatabase, type Progress } from '../src/db/copy.ts'
import type { Database } from '../src/db/database.ts'
import { parseDatabaseUrl } from '../src/db/location.ts'
import { pending } from '../src/db/migrate.ts'
import { openFile } from '../src/db/open/file.ts'
import { readMigrations } from '../src/runtimes/node/migrations.ts'

const USAGE = 'usage: npm run db:copy -- --from URL --to URL [--batch ROWS]'
/** The command was not understood; a copy that was refused or failed ends with 1. */
const EXIT_USAGE = 2
const INTERRUPTED = 130

class Usage extends Error {}

type Arguments = { readonly from: string; readonly to: string; readonly batch: number }

const parse = (args: string[]): Arguments => {
  const { from = '', to = '', batch } = valuesOf(args)
  if (from.trim() === '' || to.trim() === '') throw new Usage('--from and --to each need the URL of a database')
  const rows = Number(batch)
  if (!Number.isInteger(rows) || rows < 1 || rows > 10_000) throw new Usage('--batch needs a number of rows from 1 to 10000')
  return { from, to, batch: rows }
}

const valuesOf = (args: string[]) => {
  const options = { from: { type: 'string' }, to: { type: 'string' }, batch: { type: 'string', default: '500' } } as const
  try {
    return parseArgs({ args, options }).values
  } catch {
    throw new Usage('only --from, --to and --batch are known, each with a value') // parseArgs would repeat a URL
  }
}

type Side = 'from' | 'to'

const open = (side: Side, url: string): Database => {
  const location = parseDatabaseUrl(url)
  if ('refused' in location) throw new CopyRefused(`--${side} ${location.refused}`)
  if (location.kind !== 'file') throw new CopyRefused(`--${side} names no database`)
  if (side === 'from' && !existsSync(location.path)) throw new CopyRefused(`--from names ${location.path}, which does not exist`)
  return openFile(location.path)
}

/** Nothing is ever changed in the source, so it has to be as new as this program; the target is made so if it is empty. */
const prepare = async (side: Side, db: Database): Promise<void> => {
  const migrations = readMigrations(db.dialect.name)
  const had = await db.migrated()
  const missing = pending(
    migrations,
    had.map((tag) => ({ tag, state: 'done' })),
  )
  if (side === 'from' && missing.length > 0)
    throw new CopyRefused('--from was last used by an older version of Taskport, or by none: start this version on it once')
  if (side === 'to' && missing.length > 0 && had.length > 0)
    throw new CopyRefused('--to has the tables of an older version of Taskport: name an empty database')
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
    if (step !== said) console.error(`${step}, ${number(progress.done)} of ${number(progress.total)} rows`)
    said = step
  }
}

const run = async ({ from, to, batch }: Arguments): Promise<Copied> => {
  const source = open('from', from)
  const target = open('to', to)
  try {
    await prepare('from', source)
    await prepare('to', target)
    return await copyDatabase(source, target, { batch, onProgress: process.stderr.isTTY ? bar() : lines() })
  } finally {
    await Promise.allSettled([source.close(), target.close()])
  }
}

/** What went wrong, on one line, without what the URLs among `args` keep secret. */
const explain = (error: unknown, args: readonly string[]): string => {
  const { message, code } = error as { message?: string; code?: unknown }
  const secrets = args
    .flatMap((arg) => [/:\/\/[^/:@]*:(.*)@/s.exec(arg)?.[1], /authToken=([^&#]+)/i.exec(arg)?.[1]])
    .filter((s) => s !== undefined)
  const known = secrets.flatMap((secret) => [
    secret,
    secret.replace(/%[0-9a-f]{2}/gi, (byte) => String.fromCharCode(Number.parseInt(byte.slice(1), 16))),
  ])
  const text = [...args.filter((arg) => arg.includes(':')), ...known]
    .filter((s) => s !== '')
    .reduce((said, secret) => said.replaceAll(secret, '…'), message || String(code))
  return text.replace(/\s+/g, ' ').trim()
}

const args = process.argv.slice(2)
process.once('SIGINT', () => {
  console.error('\ndb:copy: interrupted; the same command goes on from here')
  process.exit(INTERRUPTED)
})
try {
  const { rows, tables, sha256 } = await run(parse(args))
  console.log(`${number(rows)} rows in ${tables.length} tables copied and verified, SHA-256 ${sha256}`)
} catch (error) {
  const final = error instanceof CopyRefused || error instanceof CopyMismatch || error instanceof Usage
  const remedy = error instanceof Usage ? `\n${USAGE}` : final ? '' : '; the same command goes on from here'
  console.error(`db:copy: ${explain(error, args)}${remedy}`)
  process.exitCode = error instanceof Usage ? EXIT_USAGE : 1
}
