// Builds the service, and starts the servers that suites share, once for a run of however many
// projects; says at its end which servers the machine does not have.
import type { TestProject } from 'vitest/node'
import { commandEntries } from '../../../scripts/build/commands.ts'
import { entries } from '../../../scripts/build/entries.ts'
import { buildForNode } from '../../../scripts/build/for-node.ts'
import { BUNDLE_FOLDER } from '../process.ts'
import { isSmall } from '../size.ts'
import { libsqlIsAbsent } from './libsql.ts'
import { mySqlIsAbsent, startMySql, WITHOUT_SYNC } from './mysql.ts'
import { startPostgres } from './postgres.ts'
import type { Absent, Server } from './process.ts'
import { absentS3 } from './s3-others.ts'

export type Servers = {
  readonly postgres: string | undefined
  readonly mysql: string | undefined
  readonly libsql: boolean
}
declare module 'vitest' {
  interface ProvidedContext {
    servers: Servers
  }
}

/** A server that cannot run on this machine is absent, with its reason; in CI that fails the run. */
const settle = async (
  name: string,
  start: () => Promise<Server | Absent>,
): Promise<Server | Absent> => {
  try {
    return await start()
  } catch (error) {
    if (process.env['CI']) throw new Error(`${name} does not start`, { cause: error })
    return { absent: `${name}: ${(error as Error).message}` }
  }
}

type Shared = { readonly made: Promise<unknown>; users: number }
/** Each project loads this file anew: what they share is kept beside all of them. */
const beside = globalThis as { taskportShared?: Map<string, Shared> }
beside.taskportShared ??= new Map()
const shared = beside.taskportShared

/** What another project of this run has made, or is making, or else what `make` makes. */
const sharing = async <T>(name: string, make: () => Promise<T>): Promise<T> => {
  const entry = shared.get(name) ?? { made: make(), users: 0 }
  entry.users++
  shared.set(name, entry)
  return (await entry.made) as T
}

/** Ends it behind the last project that uses it. */
const leave = async (name: string): Promise<void> => {
  const entry = shared.get(name)
  if (entry === undefined || --entry.users > 0) return
  const made = (await entry.made) as Server | Absent | undefined
  if (made && 'stop' in made) await made.stop()
}

export default async (project: TestProject): Promise<() => Promise<void>> => {
  // A project that runs on one database needs no other.
  const only = (project.config.env as Record<string, string> | undefined)?.['TEST_DEFAULT']
  const start = async (name: string, how: () => Promise<Server | Absent>) =>
    only === undefined || only === name ? sharing(name, () => settle(name, how)) : undefined
  if (only === undefined)
    await sharing('bundle', () =>
      buildForNode({
        root: process.cwd(),
        entries: { ...entries, ...commandEntries, migrator: 'test/support/migrator.ts' },
        outdir: BUNDLE_FOLDER,
        sourcemap: true,
      }),
    )
  const names = ['Postgres', 'MariaDB']
  const started = await Promise.all([
    start('Postgres', startPostgres),
    start('MariaDB', () => startMySql(WITHOUT_SYNC)),
  ])
  const [postgres, mysql] = started.map((server) =>
    server && 'url' in server ? server.url : undefined,
  )
  project.provide('servers', { postgres, mysql, libsql: libsqlIsAbsent === undefined })
  return async () => {
    for (const [i, server] of started.entries()) if (server) await leave(names[i] as string)
    if (only === 'Postgres')
      // This project is in every run of HTTP: it reports the databases that have none here.
      for (const server of [mySqlIsAbsent, libsqlIsAbsent])
        if (server) console.log(`absent, so HTTP was not tested on it: ${server.absent}`)
    if (only !== undefined) return
    // Only the full size restores from stores that others have made.
    const stores = process.env['SIZE'] === 'full' ? absentS3 : []
    const absent = [...started, libsqlIsAbsent, ...stores].flatMap((server) =>
      server && 'absent' in server ? [server.absent] : [],
    )
    if (!process.env['TEST_DATABASES'])
      console.log(
        `not here but in npm run test:databases: ${isSmall ? 'Postgres, MariaDB, ' : ''}libSQL server, D1, outages, TLS, HTTP on other databases than the file`,
      )
    for (const line of absent) console.log(`absent, so its suites were skipped: ${line}`)
  }
}
