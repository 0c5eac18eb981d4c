import { defineConfig } from 'vitest/config'
import { reportersOf } from './test/support/reporters.ts'

export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts'],
    globalSetup: ['test/support/servers/setup.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    disableConsoleIntercept: true,
    reporters: reportersOf('soak'),
  },
})
