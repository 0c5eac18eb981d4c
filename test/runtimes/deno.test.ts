import { describeMachine } from './machine.ts'
import { DATABASES, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

const args = ['run', ...['net', 'env', 'read', 'write', 'ffi', 'sys'].map((name) => `--allow-${name}`), 'src/runtimes/deno.ts']
describeRuntime({ name: 'Deno', databases: DATABASES, start: starterOf('deno', args) })
describeMachine('Deno', 'deno', args)
