import { DATABASES, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

describeRuntime({
  name: 'Node, from source',
  databases: DATABASES,
  start: starterOf(process.execPath, ['src/runtimes/node.ts']),
})
