// The servers that the service is compared with.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TaskStatement } from '../bare/postgres.ts'
import type { Answers } from '../scenarios.ts'
import { temporaryFolder, undoing } from '../temporary.ts'
import { type Server, startServer } from './process.ts'
import { nodeFlags } from './service.ts'

/** On Node with the flags of `npm start`: what they are worth is not the service's merit. */
const commands = {
  node: [process.execPath, ...nodeFlags],
  bun: ['bun'],
  deno: ['deno', 'run', '--allow-net', '--allow-read'],
} as const

/** Starts `bench/bare/<app>.ts` with a file that holds `input`. */
const startWith = (runtime: keyof typeof commands, app: string, input: unknown): Promise<Server> =>
  undoing(async (later) => {
    const file = join(temporaryFolder(later), 'input.json')
    writeFileSync(file, JSON.stringify(input))
    const [command, ...args] = commands[runtime]
    return startServer({ command, args: [...args, `bench/bare/${app}.ts`, file], path: '/health' })
  })

export const startBare = (
  answers: Answers,
  runtime: 'node' | 'bun' | 'deno' = 'node',
): Promise<Server> => startWith(runtime, runtime, answers)
export const startBarePostgres = (statement: TaskStatement): Promise<Server> =>
  startWith('node', 'postgres', statement)
export const startFixed = (): Promise<Server> => startWith('node', 'fixed', null)
