import type { ViteUserConfig } from 'vitest/config'

type Reporters = NonNullable<NonNullable<ViteUserConfig['test']>['reporters']>

/** What a run says; in CI also as a file of JSON, which `.ci/count.mjs` adds to the others. */
export const reportersOf = (name: string): Reporters =>
  process.env['CI']
    ? ['default', ['json', { outputFile: `test-results/${name}.json` }]]
    : ['default']
