import { describeMachine } from './machine.ts'
import { DATABASES, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

const args = ['dist/server.js']
describeRuntime({ name: 'Node, the bundle', databases: DATABASES, start: starterOf(process.execPath, args) })
describeMachine('Node, the bundle', process.execPath, args)
