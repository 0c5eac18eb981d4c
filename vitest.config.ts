import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/servers/setup.ts'],
    exclude: ['test/{soak,runtimes}/**', 'test/{outage,tls,pooler,migrate-race}.test.ts', 'test/backup/{turns,service,commands}.test.ts'],
    // Another zone than the databases' and the runner's: no time may depend on it.
    env: { TZ: 'Asia/Kolkata' },
    // A hang ends a test; nothing else is measured here.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    reporters: process.env['CI'] ? ['default', ['json', { outputFile: 'test-results/unit.json' }]] : ['default'],
  },
})
