import { DATABASES, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

const permissions = ['net', 'env', 'read', 'write', 'ffi', 'sys'].map((name) => `--allow-${name}`)

describeRuntime({ name: 'Deno', databases: DATABASES, start: starterOf('deno', ['run', ...permissions, 'src/runtimes/deno.ts']) })
