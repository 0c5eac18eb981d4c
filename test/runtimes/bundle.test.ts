import { describeMachine } from './machine.ts'
import { commandOf, DATABASES, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

const command = commandOf('start')
describeRuntime({ name: 'Node, the bundle', databases: DATABASES, start: starterOf(...command) })
describeMachine('Node, the bundle', ...command)
