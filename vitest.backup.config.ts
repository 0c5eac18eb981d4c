import { defineConfig } from 'vitest/config'

/** Copies with real processes, threads and a store: more than `npm test` has time for. */
export default defineConfig({
  test: {
    include: ['test/backup/{turns,service,commands}.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'test-results/backup.json' }]] : ['default'],
  },
})
