import { defineConfig } from 'vitest/config'
import { reportersOf } from './test/support/reporters.ts'
import { isSmall } from './test/support/size.ts'

/** Each scenario; in a small run (SIZE=small) once, as short as it can be, and with no bound on time. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts'],
    globalSetup: ['test/support/servers/setup.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 120_000,
    fileParallelism: isSmall,
    maxWorkers: 2,
    disableConsoleIntercept: true,
    reporters: reportersOf('soak'),
  },
})
