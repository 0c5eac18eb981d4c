// Brings the tasks of another backend here: npm run import:legacy -- --from URL
// (docs/import-legacy.md). Configured as the service is.
import { areNamedBySub, parseConfig } from '../src/config.ts'
import { systemClock } from '../src/core/clock.ts'
import { createIds } from '../src/core/ids.ts'
import { silent } from '../src/core/log.ts'
import { type Given, UsageError } from '../src/runtimes/node/command-line.ts'
import { wordOf } from '../src/runtimes/node/refusal.ts'
import { hasAddresses, layoutOf } from './import-legacy/layout.ts'
import { mannerOf } from './import-legacy/people.ts'
import { summaryOf } from './import-legacy/report.ts'
import { importAll } from './import-legacy/run.ts'
import { openSource } from './import-legacy/source.ts'
import { openTarget } from './import-legacy/target.ts'
import { number } from './support/number.ts'
import { refusalText, runProgram } from './support/program.ts'
import { AS_CONFIGURED, DRY_RUN } from './support/service.ts'

const program = {
  name: 'npm run import:legacy',
  forms: [
    '--from URL [--users email|secret|secret-email|jwks|jwks-email] [--existing-accounts] [--dry-run]',
  ],
  about: `Brings the tasks of another backend of the original's family here, from its table tasks, task, todos or todo: docs/import-legacy.md. That database is only read. Nothing is imported twice, so the same command goes on with an import that was interrupted, and brings what has come since. ${AS_CONFIGURED}`,
  options: {
    from: { value: 'URL', doc: "the other backend's database, as in its DATABASE_URL" },
    users: {
      value: 'MANNER',
      doc: 'who its users are here: email: accounts of their e-mail addresses; secret or jwks: the subjects of tokens that are signed with the shared secret, or with published keys; secret-email, jwks-email: the same where the subject is the address. Without it: what of these is configured, else email',
    },
    'existing-accounts': {
      doc: 'gives the tasks of an e-mail address also to an account that has the address and a password already. Nobody has verified that its user owns the address',
    },
    'dry-run': DRY_RUN,
  },
  examples: [
    [
      '--from postgres://me@db.example.org/todo --dry-run',
      'prints what would be imported, and what not',
    ],
    ['--from sqlite:///./todo.db --users email', 'takes a file of SQLAlchemy'],
  ],
} as const

const EVERY = 10_000
/** A line at every ten thousand tasks. */
const progress = () => {
  let said = 0
  return (read: number) => {
    if (read - said < EVERY) return
    said = read
    console.error(`${number(read)} tasks read`)
  }
}

const run = async ({ options }: Given<typeof program.options>): Promise<void> => {
  const { from, users, 'existing-accounts': intoExisting, 'dry-run': dry } = options
  if (from === undefined) throw new UsageError('--from needs the URL of a database')
  // Before anything is opened or made.
  const manner = mannerOf(users, parseConfig(process.env))
  const source = await openSource(from)
  try {
    const layout = layoutOf(await source.tables())
    const { config, db, close } = await openTarget(dry)
    try {
      const ctx = db && {
        db,
        clock: systemClock,
        ids: createIds(systemClock),
        log: silent,
        quotas: config.quotas,
        credentials: { externalBySub: areNamedBySub(config) },
      }
      const quota = config.quotas.tasks
      const say = (line: string) => console.log(line)
      const counts = await importAll({
        ...{ source, layout, ctx, quota, manner, intoExisting, dry, say },
        progress: progress(),
      })
      const about = {
        left: layout.left,
        byEmail: manner.by === 'email',
        hasAddresses: hasAddresses(layout),
        dry,
      }
      for (const line of summaryOf(counts, about)) say(line)
    } finally {
      await close()
    }
  } finally {
    await source.close()
  }
}

/** What went wrong, on one line; a URL in a driver's message may hold a password. */
const explain = (error: unknown): string | undefined => {
  const known = refusalText(error)
  // What has no code is no database's.
  if (known !== undefined || (error as { code?: unknown }).code === undefined) return known
  const text = wordOf(error).replace(/\b[a-z+]+:\/\/\S*/gi, 'its address')
  return `a database failed (${text}); the same command goes on from here`
}

await runProgram(program, run, { explain })
