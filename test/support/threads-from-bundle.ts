// Threads and processes that the code under test starts run from the bundle that was built before
// the tests (`servers/setup.ts`): from the source each takes a second to load.
import { flushCompileCache, registerHooks } from 'node:module'
import { beforeAll } from 'vitest'

const real = new URL('../../src/runtimes/node/package-root.ts', import.meta.url).href
const url = new URL('package-root.ts', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    return resolved.url === real && context.parentURL !== url ? { ...resolved, url } : resolved
  },
})

// Workers of the runner are killed: what they have compiled would be lost for the next ones.
beforeAll(() => flushCompileCache())
