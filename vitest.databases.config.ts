import { defineConfig } from 'vitest/config'
import { reportersOf } from './test/support/reporters.ts'

/** The suites of databases on those that `npm test` leaves out, and what takes a server of its own: outages, TLS, races to migrate. */
export default defineConfig({
  test: {
    include: [
      'test/{outage,tls,pooler,migrate-race}.test.ts',
      'test/{identity,openid,limits,maintenance,copy,stored-bytes,superseded,repair,unit-of-work}.test.ts',
      'test/tasks/*.test.ts',
    ],
    globalSetup: ['test/support/servers/setup.ts'],
    env: {
      TEST_DATABASES: process.env['TEST_DATABASES'] ?? 'libSQL server,D1,libSQL file of a worker',
    },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    reporters: reportersOf('databases'),
  },
})
