// Takes the place of `src/runtimes/node/package-root.ts` in tests (`threads-from-bundle.ts`).
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { programOf as realProgramOf, root } from '../../src/runtimes/node/package-root.ts'
import { BUNDLE_FOLDER } from './process.ts'

export { root, threadEnv, threadFlags } from '../../src/runtimes/node/package-root.ts'

export const programOf = (source: string, bundle: string): string => {
  const built = join(root, BUNDLE_FOLDER, bundle)
  return existsSync(built) ? built : realProgramOf(source, bundle)
}
