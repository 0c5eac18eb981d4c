// How a command runs: its command line and its help, its refusals in a line, its exit code.

import { realpathSync } from 'node:fs'
import { basename } from 'node:path'
import { ConfigError } from '../../src/config.ts'
import { DomainError } from '../../src/core/errors.ts'
import {
  EXIT_USAGE,
  type Given,
  helpOf,
  npmHint,
  type Options,
  type Program,
  readCommandLine,
  UsageError,
  usageOf,
} from '../../src/runtimes/node/command-line.ts'
import { Refusal } from '../../src/runtimes/node/refusal.ts'
import { printable } from './printable.ts'

type Manner = {
  /** What each line on standard error begins with. */
  readonly label?: string
  /** What is to be said of an error; undefined for one that was not foreseen. */
  readonly explain?: (error: unknown) => string | undefined
}

/** The lines for what the configuration, the platform and the verbs refuse. */
export const refusalText = (error: unknown): string | undefined =>
  error instanceof ConfigError || error instanceof Refusal || error instanceof DomainError
    ? error.message
    : undefined

/** As `taskport user`, where the command of the package runs it. */
const asCalled = <P extends Program>(program: P): P => {
  const by = basename(process.argv[1] ?? '')
  return by === 'taskport' || by === 'cli.js'
    ? { ...program, name: program.name.replace(/^npm run /, 'taskport ') }
    : program
}

/**
 * Runs a program on the arguments of this process. Help goes to standard output. What is not
 * understood or refused goes to standard error, and ends the process with 2 or 1.
 */
export const runProgram = async <const O extends Options>(
  described: Program<O>,
  run: (given: Given<O>) => unknown,
  { label = 'taskport', explain = refusalText }: Manner = {},
): Promise<void> => {
  const program = asCalled(described)
  try {
    const given = readCommandLine(program, process.argv.slice(2), process.env)
    if (given === undefined) console.log(helpOf(program))
    else await run(given)
  } catch (error) {
    const usage = error instanceof UsageError
    const text = usage ? error.message : explain(error)
    if (text === undefined) throw error
    const hint = npmHint(program, process.env)
    const lines = [...text.split('\n'), ...(hint === undefined ? [] : [hint])]
    for (const line of lines) console.error(printable(`${label}: ${line}`))
    if (usage) console.error(usageOf(program))
    process.exitCode = usage ? EXIT_USAGE : 1
  }
}

/** Whether this file is what the process was started with, and not a module of another program. */
export const isProgram = (file: string): boolean =>
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === file
