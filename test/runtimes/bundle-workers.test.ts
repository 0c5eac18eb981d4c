import { commandOf, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

const start = starterOf(...commandOf('start'))
describeRuntime({
  name: 'Node, the bundle, two processes',
  variant: true,
  databases: ['libSQL file', 'Postgres'],
  start: ({ database, env }) => start({ database, env: { WORKERS: '2', ...env } }),
})
