import { defineConfig } from 'vitest/config'
import { reportersOf } from './test/support/reporters.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/seeded.ts'],
    globalSetup: ['test/support/servers/setup.ts'],
    exclude: [
      'test/soak/**',
      'test/runtimes/*.test.ts',
      'test/db/servers/**',
      'test/backup/end-to-end/**',
    ],
    // Another zone than the databases' and the runner's: no time may depend on it.
    env: { TZ: 'Asia/Kolkata' },
    // A hang ends a test; nothing else is measured here.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    reporters: reportersOf('unit'),
  },
})
