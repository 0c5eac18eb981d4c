// The native part of libSQL in a single file.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Plugin } from 'esbuild'
import { Refusal } from '../../src/runtimes/node/refusal.ts'

/** The one that npm has installed, which is that of this system. */
export const nativeFile = (root: string): string => {
  const packages = join(root, 'node_modules/@libsql')
  const [found, ...others] = readdirSync(packages)
    .map((name) => join(packages, name, 'index.node'))
    .filter((path) => existsSync(path))
  if (found === undefined || others.length > 0)
    throw new Refusal(
      `${packages} has to hold the native part of libSQL for one system, that of the file: run npm ci --include=dev first`,
    )
  return found
}

/** Files of the package require the native part by a name that they put together when they run. */
const BY_NAME = /require\(`@libsql\/\$\{target\}`\)/
const FILES = ['index', 'promise']

/** Lets the package require the native part by the path that it has in the file, `libsql.node`. */
export const withNative: Plugin = {
  name: 'with-native',
  setup: ({ initialOptions, onLoad }) => {
    initialOptions.external = [...(initialOptions.external ?? []), '/$bunfs/*']
    onLoad({ filter: /\/node_modules\/libsql\/[\w-]+\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8')
      if (BY_NAME.test(source) !== FILES.includes(basename(path, '.js')))
        throw new Error(`${path} requires its native part in another way than it did`)
      return { contents: source.replace(BY_NAME, () => 'require("/$bunfs/root/libsql.node")') }
    })
  },
}
