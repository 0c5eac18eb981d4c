import { defineConfig } from 'vitest/config'
import { reportersOf } from './test/support/reporters.ts'

/** Copies with real processes, threads and a store: more than `npm test` has time for. */
export default defineConfig({
  test: {
    include: ['test/backup/end-to-end/*.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    reporters: reportersOf('backup'),
  },
})
