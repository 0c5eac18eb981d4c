// The suites of each npm script, as projects: `vitest run` has the project `unit`, another one is
// chosen by its name (`--project soak`, `--project 'http on D1'`).
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig, defineProject } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { libsqlIsAbsent } from './test/support/servers/libsql.ts'
import { mySqlIsAbsent } from './test/support/servers/mysql.ts'
import { isSmall } from './test/support/size.ts'

// Processes and threads are started often, and compile the same files each time.
process.env['NODE_COMPILE_CACHE'] ??= join(tmpdir(), 'taskport-compile-cache')

const servers = ['test/support/servers/setup.ts']
const realTimers = 'test/support/real-timers.ts'
const threads = 'test/support/threads-from-bundle.ts'
const common = {
  // A hang ends a test; nothing else is measured here.
  testTimeout: 300_000,
  hookTimeout: 300_000,
  // Tests wait more often than they work, so that two cores have time for four files at once. At full
  // size, where time is measured, there are two.
  maxWorkers: isSmall ? 4 : 2,
  // A worker of the runner loads the sources once, not once a file: that took a third of the time.
  isolate: false,
  setupFiles: [realTimers, threads],
  // Tests make much that is gone at once: in a small young generation, collecting it took a tenth of
  // their CPU.
  execArgv: ['--max-semi-space-size=64'],
  // Node loads the sources itself, as it does when it runs the service from them.
  experimental: { viteModuleRunner: false, nodeLoader: false },
}

/**
 * Other zones than the databases' and the runner's: one that has left out a day, and one whose hours
 * are not whole. No time may depend on the zone of the machine.
 */
const ZONE = { TZ: 'Pacific/Apia' }
const OTHER_ZONE = { TZ: 'Asia/Kolkata' }

/**
 * Everything on a database file, and but in a small run the suites of the stores on Postgres and
 * MariaDB too.
 */
const unit = defineProject({
  test: {
    ...common,
    name: 'unit',
    globalSetup: servers,
    include: ['test/**/*.test.ts'],
    exclude: [
      'test/soak/**',
      'test/runtimes/*.test.ts',
      'test/db/servers/**',
      'test/backup/end-to-end/**',
    ],
    setupFiles: ['test/support/seeded.ts', realTimers, threads],
    // A small run sends every fortieth hostile request.
    env: { ...ZONE, ...(isSmall && { FUZZ_SHARE: '40' }) },
  },
})

/** What says most of a store, for the databases on which a small run does not have all suites. */
const core = [
  'test/core/{rate-limit-counters,superseded,unit-of-work}.test.ts',
  'test/features/account/credentials/api-keys.test.ts',
  'test/features/maintenance/users.test.ts',
  'test/features/tasks/{tasks,trash}.test.ts',
  'test/features/tasks/recurrence/completing.test.ts',
]
/** The suites of the stores, at full size. */
const stores = [
  'test/db/transfer.test.ts',
  'test/core/{lease,rate-limit-counters,stored-bytes,superseded,unit-of-work}.test.ts',
  'test/features/account/{emails,credentials/*,openid/*,wrong-clock}.test.ts',
  'test/features/{maintenance,tasks}/**/*.test.ts',
  'test/features/exports/round-trip.test.ts',
]
const slower = 'libSQL server,D1,libSQL file of a worker'

/**
 * The suites of the stores on the databases that `unit` leaves out, and what takes a server of its
 * own: outages, TLS, races to migrate.
 */
const databases = defineProject({
  test: {
    ...common,
    name: 'databases',
    globalSetup: servers,
    include: isSmall
      ? ['test/db/servers/{migrate-race,outage,pooler}.test.ts', ...core]
      : ['test/db/servers/*.test.ts', ...stores],
    env: {
      ...ZONE,
      TEST_DATABASES:
        process.env['TEST_DATABASES'] ??
        (isSmall ? 'Postgres,MariaDB,D1,libSQL file of a worker' : slower),
    },
  },
})

const isolation = ['test/service/isolation/isolation.test.ts']
const http = [
  ...isolation,
  'test/service/{abuse,fuzz/fuzz}.test.ts',
  'test/http/{legacy/*,protocol/*}.test.ts',
]
/** What a small run leaves out there: what is answered before the database is asked. */
const withoutDatabase = ['test/http/protocol/{bodies,cors,headers,paths,rate-limits}.test.ts']

/**
 * The suites of HTTP on a database that is not the file. A small run has them on Postgres, which
 * differs most from the file, and isolation everywhere.
 */
const httpOn = (database: string) =>
  defineProject({
    test: {
      ...common,
      name: `http on ${database}`,
      globalSetup: servers,
      include: isSmall && database !== 'Postgres' ? isolation : http,
      exclude: isSmall ? withoutDatabase : [],
      // A part of the hostile requests; `unit` has all of them, but in a small run. D1's simulator is
      // slow.
      env: {
        ...OTHER_ZONE,
        TEST_DEFAULT: database,
        FUZZ_SHARE: database === 'D1' ? '40' : isSmall ? '80' : '8',
      },
    },
  })

/** Copies with real processes, threads and a store. */
const backup = defineProject({
  test: {
    ...common,
    name: 'backup',
    include: ['test/backup/end-to-end/*.test.ts'],
  },
})

const oneSessionEach =
  'test/runtimes/{bundle,bundle-workers,bun,deno,workerd,image,image-steps,npm-start,pinning}.test.ts'

/**
 * The real processes, wherever Taskport runs; TEST_DATABASES chooses their databases. A small run
 * has one session on each runtime, and the image.
 */
const runtimes = defineProject({
  test: {
    ...common,
    name: 'runtimes',
    globalSetup: servers,
    include: [isSmall ? oneSessionEach : 'test/runtimes/*.test.ts'],
    // Memory and time are looked at where the machine has nothing else to do.
    fileParallelism: isSmall,
    disableConsoleIntercept: true,
  },
})

/** Each scenario; in a small run once, as short as it can be, and with no bound on time. */
const soak = defineProject({
  test: {
    ...common,
    name: 'soak',
    globalSetup: servers,
    include: ['test/soak/**/*.test.ts'],
    // Clients need generators, which come from registries that a small run does without.
    exclude: isSmall ? ['test/soak/{bruno,clients}.test.ts'] : [],
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
    // The runner runs projects together only where these numbers are the same.
    maxWorkers: isSmall ? common.maxWorkers : 1,
    fileParallelism: isSmall,
    disableConsoleIntercept: true,
  },
})

/**
 * What takes longest begins first: otherwise one of these runs at the end, beside nothing else. What
 * waits stands between what works.
 */
const longest = [
  'backup/authenticity/authenticity',
  'runtimes/node/startup',
  'features/tasks/contention',
  'soak/webhooks',
  'soak/backup',
  'service/isolation/isolation',
  'runtimes/workerd',
  'runtimes/bundle',
  'runtimes/image-steps',
  'soak/shutdown',
  'soak/uploads',
  'soak/replicas',
  'runtimes/client',
  'runtimes/oldest-node',
  'db/servers/migrate-race',
  'service/fuzz/fuzz',
  'db/servers/refused',
  'db/servers/outage',
  'soak/upgrade',
  'runtimes/deno',
  'runtimes/bun',
  'soak/full-disk',
  'runtimes/image',
  'soak/fairness',
  'runtimes/npm-start',
  'features/maintenance/clock',
  'features/maintenance/maintenance',
  'db/transfer',
  'service/costs',
  'repository/readme',
]
const rankOf = ({ moduleId }: TestSpecification): number => {
  const rank = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
  return rank === -1 ? longest.length : rank
}
/**
 * Project by project: a worker of the runner, which takes seconds to load what it tests, goes on only
 * with files of the same project, and ends where the next file is of another one.
 */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const projects = [...new Set(files.map(({ project }) => project))]
    const order = (file: TestSpecification) => projects.indexOf(file.project) * 1_000 + rankOf(file)
    return (await super.sort(files)).toSorted((a, b) => order(a) - order(b))
  }
}

const test = {
  sequence: { sequencer: LongestFirst },
  // For `npx vitest run <file>`: most files are in more than one project. `--project` replaces it.
  project: ['unit'],
  projects: [
    unit,
    databases,
    httpOn('D1'),
    httpOn('Postgres'),
    ...(mySqlIsAbsent ? [] : [httpOn('MariaDB')]),
    ...(libsqlIsAbsent ? [] : [httpOn('libSQL server')]),
    backup,
    runtimes,
    soak,
  ],
  // In CI also a file of JSON, which `.ci/count.mjs` adds to the others; each npm script names its
  // own (`--outputFile.json`).
  reporters: process.env['CI'] ? ['default', 'json'] : ['default'],
  outputFile: { json: 'test-results/by-hand.json' },
}

export default defineConfig({ test })
