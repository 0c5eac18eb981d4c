import { defineConfig } from 'vitest/config'
import { reportersOf } from './test/support/reporters.ts'

/** The real processes, on every place that Taskport runs; TEST_DATABASES chooses their databases. */
export default defineConfig({
  test: {
    include: ['test/runtimes/**/*.test.ts'],
    globalSetup: ['test/support/servers/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    disableConsoleIntercept: true,
    reporters: reportersOf('runtimes'),
  },
})
