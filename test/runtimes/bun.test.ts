import { describeMachine } from './machine.ts'
import { commandOf, DATABASES, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

const command = commandOf('start:bun')
describeRuntime({ name: 'Bun', databases: DATABASES, start: starterOf(...command), resets: true })
describeMachine('Bun', ...command)
