// Brings the database of the service up to date, without starting it: npm run db:migrate.
// Configured as the service is.
import { openDatabase } from '../src/runtimes/node/database.ts'
import { readMigrations } from '../src/runtimes/node/migrations.ts'
import { endingSignals } from '../src/runtimes/node/process-exit.ts'
import { runProgram } from './support/program.ts'
import { AS_CONFIGURED, DRY_RUN, isAbsent, readSetting } from './support/service.ts'

const program = {
  name: 'npm run db:migrate',
  forms: ['', '[--dry-run]'],
  about: `Applies the migrations that the database lacks, without starting the service. ${AS_CONFIGURED}`,
  options: { 'dry-run': DRY_RUN },
  examples: [
    ['', 'migrates, and prints what was applied'],
    ['--dry-run', 'prints what is missing'],
  ],
} as const

/**
 * Lets migrations finish before a signal ends the process: half a migration cannot be undone on MySQL
 * and MariaDB. A second signal ends it at once.
 */
const finish = (work: Promise<unknown>): void => {
  for (const [signal, code] of endingSignals)
    process.once(signal, () => {
      console.error('taskport: ends when the migrations are done')
      work.finally(() => process.exit(code)).catch(() => {})
    })
}

const said = (word: string, tags: readonly string[]): string =>
  tags.length > 0 ? `${word}: ${tags.join(', ')}` : 'nothing was missing'

await runProgram(program, async ({ options: { 'dry-run': dry } }) => {
  const { config, target } = readSetting({ make: !dry })
  if (dry && isAbsent(target))
    return console.log(
      said(
        'missing',
        readMigrations('sqlite').map(({ tag }) => tag),
      ),
    )
  const migrate = dry ? 'off' : 'auto'
  const { db, applied, missing } = await openDatabase(target, {
    ...config,
    migrate,
    migrating: finish,
  })
  await db.close()
  console.log(dry ? said('missing', missing) : said('applied', applied))
})
