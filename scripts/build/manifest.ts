// The package.json in bundles: they read its version, and nothing else of it.
import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'

export const onlyVersion: Plugin = {
  name: 'only-version',
  setup: ({ initialOptions, onLoad }) => {
    const path = `${initialOptions.absWorkingDir}/package.json`
    onLoad({ filter: /\/package\.json$/ }, (given) => {
      if (given.path !== path) return undefined
      const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string }
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
  },
}
