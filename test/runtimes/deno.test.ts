import { describeMachine } from './machine.ts'
import { commandOf, DATABASES, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

const command = commandOf('start:deno')
describeRuntime({ name: 'Deno', databases: DATABASES, start: starterOf(...command) })
describeMachine('Deno', ...command)
