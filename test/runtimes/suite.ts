// What has to hold wherever Taskport runs, asked from outside: over HTTP, of the real thing, on
// real databases.
import { afterAll, beforeAll, describe, test } from 'vitest'
import { isSmall } from '../support/size.ts'
import { accounts } from './cases/accounts.ts'
import { bodies } from './cases/bodies.ts'
import { copies } from './cases/copies.ts'
import { crowds } from './cases/crowds.ts'
import { events } from './cases/events.ts'
import { http } from './cases/http.ts'
import { oldClients } from './cases/old-clients.ts'
import { original } from './cases/original.ts'
import { pages } from './cases/pages.ts'
import { shutdown } from './cases/shutdown.ts'
import { tasks } from './cases/tasks.ts'
import { webhooks } from './cases/webhooks.ts'
import { makerOf } from './databases.ts'
import { openService, type Service } from './service.ts'

export type Started = {
  readonly url: string
  /**
   * Ends it as its platform does, by SIGTERM; answers the exit code, or null where there is no
   * process.
   */
  stop(): Promise<number | null>
  /** Everything that it has written, for a test's last words. */
  said(): string
}

export type StartOptions = {
  /**
   * Where the database is: its DATABASE_URL; for D1 `d1:` and the path of a folder. The same one
   * again is the same data again.
   */
  readonly database: string
  readonly env?: Readonly<Record<string, string>>
}

export type Runtime = {
  readonly name: string
  /** Why it cannot run on this machine. */
  readonly absent?: string
  /** The program of another runtime, started otherwise: a small run has the other's cases only once. */
  readonly variant?: true
  /**
   * What people run. In a small run it alone has the cases that the app decides, whatever it runs
   * on.
   */
  readonly usual?: true
  /** Names as in test/runtimes/databases.ts. */
  readonly databases: readonly string[]
  start(options: StartOptions): Promise<Started>
  /**
   * At its end it may reset connections on which a request has just arrived: such a request was not
   * begun, and has no answer.
   */
  readonly resets?: true
  /** Its platform reads requests from the network, and answers itself what is malformed. */
  readonly edge?: true
}

/** The others are chosen by TEST_DATABASES (`MariaDB,libSQL server`). */
const USUAL = isSmall ? ['libSQL file', 'D1'] : ['libSQL file', 'Postgres', 'D1']

/** Declares the suite for a runtime, on each of its databases. */
export const describeRuntime = (runtime: Runtime): void => {
  const wanted = process.env['TEST_DATABASES']?.split(',') ?? USUAL
  for (const database of runtime.databases.filter((name) => wanted.includes(name))) {
    const make = makerOf(database)
    const absent = runtime.absent ?? (typeof make === 'string' ? make : undefined)
    const title = `${runtime.name} on ${database}`
    if (absent !== undefined || typeof make === 'string') {
      test.skip(`${title}: skipped, because it lacks ${absent}`, () => {})
      console.log(`skipped: ${title}, which lacks ${absent}`)
      continue
    }
    describe(title, () => {
      let service: Service | undefined
      const present = (): Service => {
        if (!service) throw new Error(`${title} did not start`)
        return service
      }
      beforeAll(async () => {
        service = await openService(runtime, await make())
      })
      afterAll(() => service?.close())
      for (const cases of [accounts, tasks]) cases(present)
      if (!isSmall || !runtime.variant) {
        http(present)
        if (!runtime.edge) bodies(present)
      }
      if (!isSmall || runtime.usual) {
        for (const cases of [pages, original, crowds]) cases(present)
        if (!runtime.edge) oldClients(present)
      }
      events(present, runtime)
      webhooks(present, runtime, make)
      shutdown(runtime, make)
      // Servers have backups of their own.
      if (database === 'libSQL file' && !(isSmall && runtime.variant)) copies(runtime, make)
    })
  }
}
