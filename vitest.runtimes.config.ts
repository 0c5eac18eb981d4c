import { defineConfig } from 'vitest/config'
import { reportersOf } from './test/support/reporters.ts'
import { isSmall } from './test/support/size.ts'

/** A small run: one session on each runtime, and the image. */
const small =
  'test/runtimes/{bundle,bundle-workers,bun,deno,workerd,image,image-steps,commands,npm-start}.test.ts'

/** The real processes, on every place that Taskport runs; TEST_DATABASES chooses their databases. */
export default defineConfig({
  test: {
    include: [isSmall ? small : 'test/runtimes/*.test.ts'],
    globalSetup: ['test/support/servers/setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Memory and time are looked at where the machine has nothing else to do.
    fileParallelism: isSmall,
    maxWorkers: 2,
    disableConsoleIntercept: true,
    reporters: reportersOf('runtimes'),
  },
})
