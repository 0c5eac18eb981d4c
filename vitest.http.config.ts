import { defineConfig } from 'vitest/config'

/** The suites of HTTP on the database that TEST_DEFAULT names, instead of on the file. */
export default defineConfig({
  test: {
    include: ['test/{isolation,http,original,abuse,fuzz}.test.ts'],
    globalSetup: ['test/support/servers/setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'test-results/http.json' }]] : ['default'],
  },
})
