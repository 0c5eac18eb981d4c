// The servers that the service is compared with.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TaskStatement } from '../bare/postgres.ts'
import type { Answers } from '../scenarios.ts'
import { type Server, startServer } from './process.ts'

const commands = {
  node: [process.execPath],
  bun: ['bun'],
  deno: ['deno', 'run', '--allow-net', '--allow-read'],
} as const

/** Starts `bench/bare/<app>.ts` with a file that holds `input`. */
const startWith = async (runtime: keyof typeof commands, app: string, input: unknown, path = '/health'): Promise<Server> => {
  const folder = mkdtempSync(join(tmpdir(), 'taskport-bare-'))
  const file = join(folder, 'input.json')
  writeFileSync(file, JSON.stringify(input))
  const [command, ...args] = commands[runtime]
  try {
    return await startServer({ command, args: [...args, `bench/bare/${app}.ts`, file], path })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

export const startBare = (answers: Answers, runtime: 'node' | 'bun' | 'deno' = 'node'): Promise<Server> =>
  startWith(runtime, runtime, answers)
export const startBarePostgres = (statement: TaskStatement): Promise<Server> => startWith('node', 'postgres', statement)
export const startFixed = (): Promise<Server> => startWith('node', 'fixed', null)
