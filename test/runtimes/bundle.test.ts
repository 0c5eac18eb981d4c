import { DATABASES, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

describeRuntime({ name: 'Node, the bundle', databases: DATABASES, start: starterOf(process.execPath, ['dist/server.js']) })
