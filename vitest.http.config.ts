import { defineConfig } from 'vitest/config'
import { reportersOf } from './test/support/reporters.ts'
import { libsqlIsAbsent } from './test/support/servers/libsql.ts'
import { mySqlIsAbsent } from './test/support/servers/mysql.ts'
import { isSmall } from './test/support/size.ts'

const absences = {
  D1: undefined,
  Postgres: undefined,
  MariaDB: mySqlIsAbsent,
  'libSQL server': libsqlIsAbsent,
}
/** A small run has all of HTTP on Postgres, which differs most from the file, and isolation everywhere. */
const suitesOn = (name: string) =>
  isSmall && name !== 'Postgres'
    ? ['test/service/isolation.test.ts']
    : ['test/service/{isolation,abuse,fuzz}.test.ts', 'test/http/{http,legacy-api}.test.ts']
const databases = Object.entries(absences)
for (const [name, absence] of databases)
  if (absence) console.log(`absent, so HTTP is not tested on ${name}: ${absence.absent}`)

/** The suites of HTTP on every database but the file, which has them in `npm test`. `--project D1` chooses one. */
export default defineConfig({
  test: {
    projects: databases
      .filter(([, absence]) => !absence)
      .map(([name]) => ({
        test: {
          name,
          include: suitesOn(name),
          globalSetup: ['test/support/servers/setup.ts'],
          // A part of the hostile requests, another in each run: the file gets them all. D1's
          // simulator is slow.
          env: { TEST_DEFAULT: name, FUZZ_SHARE: name === 'D1' ? '40' : '8' },
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      })),
    maxWorkers: 2,
    reporters: reportersOf('http'),
  },
})
