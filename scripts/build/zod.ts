// Zod in bundles: what is used of it.
import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'

/** Zod brings its messages in fifty languages; the service speaks one. */
export const english: Plugin = {
  name: 'english',
  setup: ({ onLoad }) => {
    onLoad({ filter: /zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js'",
    }))
  },
}

/** A source of ours that imports `z` as a namespace, of which a bundler keeps what is named. */
const namespaced = (path: string, source: string): string => {
  const changed = source.replace("import { z } from 'zod'", "import * as z from 'zod'").replace(
    /import \{ ((?:\w+, )*)z \} from '(.*\/zod\.ts)'/,
    // Without names it has to be a bare import: an empty list is left out where no tsconfig.json
    // says otherwise, as in the image, and `.openapi` with it.
    (_, others, from) =>
      `import ${others && `{ ${others}} from `}'${from}'; import * as z from 'zod'`,
  )
  if (/^import \{[^}]*\bz\b[^}]*\} from '[^']*zod/m.test(changed))
    throw new Error(`${path} imports z in a form that keeps all of zod`)
  return changed
}

/**
 * Zod comes with a compiler and much else, and a bundler keeps all of it where the whole namespace
 * is passed on. That is half of zod. So our own files name what they use.
 */
export const slimZod: Plugin = {
  name: 'slim-zod',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: namespaced(path, readFileSync(path, 'utf8')),
    }))
  },
}
