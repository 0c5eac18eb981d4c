// The command line of every program: the service, and the commands of operators and developers.
import { parseArgs } from 'node:util'

/** An option has a value if `value` names one. Without it, it is a switch. */
export type Option = { readonly value?: string; readonly doc: string }
export type Options = Readonly<Record<string, Option>>

/** What a program takes, and what its help says. */
export type Program<O extends Options = Options> = {
  /** How it is called, as in `npm run user`. */
  readonly name: string
  /** What comes behind the name, one line for each form. */
  readonly forms: readonly string[]
  /** What it does. */
  readonly about: string
  readonly options: O
  /** The fewest and the most arguments that are no options. None without it. */
  readonly operands?: readonly [number, number]
  /** Command lines without the name, and what each does. */
  readonly examples: readonly (readonly [string, string])[]
  /** What the exit codes mean, beside 0 and 2. */
  readonly exits?: Readonly<Record<number, string>>
}

export type Given<O extends Options> = {
  readonly options: {
    readonly [N in keyof O]: O[N] extends { readonly value: string } ? string | undefined : boolean
  }
  readonly operands: readonly string[]
}

/** The command line was not understood. The message is one line. It never has a value. */
export class UsageError extends Error {}

/** The exit code for a command line that was not understood. Other refusals end with 1. */
export const EXIT_USAGE = 2

type Environment = Readonly<Record<string, string | undefined>>

/** Options that may stand in a user's npmrc, for npm itself. */
const OF_NPMRC = ['force', 'json', 'yes']

/**
 * The options of a program that npm has read as its own, each as it has to be written. npm does so
 * with what stands before `--`, and tells its scripts in the environment.
 */
const takenByNpm = ({ name, options }: Program, env: Environment): readonly TakenOption[] => {
  const script = /^npm (?:run )?(\S+)$/.exec(name)?.[1]
  if (script === undefined || env['npm_lifecycle_event'] !== script) return []
  return Object.entries(options)
    .filter(([option]) => {
      const value = env[`npm_config_${option.replaceAll('-', '_')}`] ?? ''
      return value !== '' && value !== 'false'
    })
    .map(([option, { value }]) => ({
      option,
      message: `npm took --${option} for itself: write ${lineOf(name, optionForm(option, value))}`,
    }))
}
type TakenOption = { readonly option: string; readonly message: string }

const optionForm = (option: string, value: string | undefined): string =>
  value === undefined ? `--${option}` : `--${option} ${value}`

/** What to add to a refusal: an option that npm may have taken for itself, or had before. */
export const npmHint = (program: Program, env: Environment): string | undefined =>
  takenByNpm(program, env).find(({ option }) => OF_NPMRC.includes(option))?.message

/**
 * The options and operands that were given; undefined if help was asked for, which is stronger than
 * all the rest. Throws UsageError for everything that the program does not take, and where npm has
 * taken an option away: without it the program could do what it was told not to do.
 */
export const readCommandLine = <const O extends Options>(
  program: Program<O>,
  args: readonly string[],
  env: Environment,
): Given<O> | undefined => {
  const known: Options = { ...program.options }
  const types = Object.entries(known).map(
    ([name, { value }]) => [name, { type: value === undefined ? 'boolean' : 'string' }] as const,
  )
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...Object.fromEntries(types), help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  })
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) return undefined
  const taken = takenByNpm(program, env).find(({ option }) => !OF_NPMRC.includes(option))
  if (taken) throw new UsageError(taken.message)
  const values: Record<string, string | boolean> = Object.fromEntries(
    types.filter(([, { type }]) => type === 'boolean').map(([name]) => [name, false]),
  )
  const operands: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value)
    if (token.kind !== 'option') continue
    if (Object.hasOwn(values, token.name) && values[token.name] !== false)
      throw new UsageError(`--${token.name} is given twice`)
    values[token.name] = optionValue(token, known)
  }
  expectOperands(operands.length, program.operands ?? [0, 0])
  return { options: values, operands } as unknown as Given<O>
}

type OptionToken = {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

const optionValue = (token: OptionToken, known: Options): string | boolean => {
  const { name, rawName, value, inlineValue } = token
  const option = Object.hasOwn(known, name) ? known[name] : undefined
  // What looks like an option may be a mistyped value, such as a URL with a password in it.
  if (!option || !rawName.startsWith('--'))
    throw new UsageError(
      /^-{1,2}[\w-]{1,30}$/.test(rawName) ? `${rawName} is not an option` : 'not an option',
    )
  if (option.value === undefined) {
    if (inlineValue) throw new UsageError(`${rawName} takes no value`)
    return true
  }
  if (value === undefined || value.trim() === '' || (!inlineValue && value.startsWith('-')))
    throw new UsageError(`${rawName} needs a value: ${option.value}`)
  return value
}

const expectOperands = (count: number, [least, most]: readonly [number, number]): void => {
  if (count < least)
    throw new UsageError(count === 0 ? 'an argument is missing' : 'too few arguments')
  if (count > most)
    throw new UsageError(
      most === 0 ? 'it takes options only, no other arguments' : 'too many arguments',
    )
}

/** A whole command line. npm takes options for its own unless they stand behind `--`. */
const lineOf = (name: string, rest: string): string =>
  rest === '' ? name : `${name}${name.startsWith('npm ') ? ' --' : ''} ${rest}`

/** Each form of the command line. */
export const usageOf = ({ name, forms }: Program): string =>
  forms.map((form, i) => `${i === 0 ? 'usage:' : '      '} ${lineOf(name, form)}`).join('\n')

const WIDTH = 90

/** Usage, options, examples and exit codes. */
export const helpOf = (program: Program): string => {
  const { name, about, options, examples, exits = {} } = program
  const optionRows = [...Object.entries<Option>(options), ['help', HELP] as const]
  const codes = { ...EXITS, ...exits }
  return [
    usageOf(program),
    '',
    ...wrapped(about, WIDTH),
    '',
    'Options:',
    ...table(optionRows.map(([option, { value, doc }]) => [optionForm(option, value), doc])),
    '',
    'Examples:',
    ...table(examples.map(([rest, doc]) => [lineOf(name, rest), doc])),
    '',
    'Exit codes:',
    ...table(Object.entries(codes)),
  ].join('\n')
}

const HELP: Option = { doc: 'shows this help, and does nothing' }
const EXITS = {
  0: 'done',
  1: 'refused, or failed: a line on standard error says why',
  [EXIT_USAGE]: 'the command line was not understood, and nothing was done',
}

const table = (rows: readonly (readonly [string, string])[]): string[] => {
  const width = Math.min(34, Math.max(...rows.map(([left]) => left.length)))
  return rows.flatMap(([left, right]) => {
    const lines = wrapped(right, WIDTH - width - 4).map((line) => `${' '.repeat(width + 4)}${line}`)
    if (left.length > width) return [`  ${left}`, ...lines]
    return [`  ${left.padEnd(width)}  ${lines[0]?.trimStart()}`, ...lines.slice(1)]
  })
}

const wrapped = (text: string, width: number): string[] => {
  const lines = ['']
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last !== '' && last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`
  }
  return lines
}
