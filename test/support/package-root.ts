// Takes the place of `src/runtimes/node/package-root.ts` in tests (`threads-from-bundle.ts`).
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import * as real from '../../src/runtimes/node/package-root.ts'
import { BUNDLE_FOLDER } from './process.ts'

export { root, threadEnv, threadFlags } from '../../src/runtimes/node/package-root.ts'

export const programOf = (source: string, bundle: string): string => {
  const built = join(real.root, BUNDLE_FOLDER, bundle)
  return existsSync(built) ? built : real.programOf(source, bundle)
}
