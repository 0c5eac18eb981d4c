// npm run dev: the service from its source, which starts again when a file changes.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { serviceProgram } from '../src/runtimes/node/service-program.ts'
import { runProgram } from './support/program.ts'

const ENTRY = join(import.meta.dirname, '../src/runtimes/node.ts')
const program = {
  ...serviceProgram('npm run dev'),
  about:
    'Starts the service from its source, and again whenever a file changes. It is configured by environment variables: docs/configuration.md. An option is stronger than its variable.',
}

await runProgram(program, ({ options }) => {
  const { version } = options
  const args = process.argv.slice(2)
  // Watching goes on when a program has ended.
  const watching = version ? [] : ['--watch']
  const child = spawn(process.execPath, [...process.execArgv, ...watching, ENTRY, ...args], {
    stdio: 'inherit',
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => process.exit(code ?? 1))
})
