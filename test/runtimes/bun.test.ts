import { DATABASES, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

describeRuntime({ name: 'Bun', databases: DATABASES, start: starterOf('bun', ['src/runtimes/bun.ts']) })
