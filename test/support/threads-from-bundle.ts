// Threads and processes that the code under test starts run from the bundle that was built before
// the tests (`servers/setup.ts`): from the source each takes a second to load.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { vi } from 'vitest'
import { BUNDLE_FOLDER } from './process.ts'

vi.mock('../../src/runtimes/node/package-root.ts', async (original) => {
  const real = await original<typeof import('../../src/runtimes/node/package-root.ts')>()
  const programOf = (source: string, bundle: string): string => {
    const built = join(real.root, BUNDLE_FOLDER, bundle)
    return existsSync(built) ? built : real.programOf(source, bundle)
  }
  return { ...real, programOf }
})
