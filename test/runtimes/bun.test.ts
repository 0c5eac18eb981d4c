import { describeMachine } from './machine.ts'
import { DATABASES, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

const args = ['src/runtimes/bun.ts']
describeRuntime({ name: 'Bun', databases: DATABASES, start: starterOf('bun', args), resets: true })
describeMachine('Bun', 'bun', args)
