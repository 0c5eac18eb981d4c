import { expect, test } from 'vitest'
import {
  helpOf,
  npmHint,
  readCommandLine,
  UsageError,
  usageOf,
} from '../../../src/runtimes/node/command-line.ts'

const program = {
  name: 'npm run paint',
  forms: ['--colour NAME ROOM', '--list'],
  about: 'Paints a room.',
  options: {
    colour: { value: 'NAME', doc: 'the colour' },
    list: { doc: 'lists the colours' },
    'two-coats': { doc: 'paints twice' },
  },
  operands: [0, 2],
  examples: [
    ['', 'paints nothing'],
    ['--colour red hall', 'paints the hall'],
  ],
  exits: { 3: 'there is no paint left' },
} as const
const read = (...args: string[]) => readCommandLine(program, args, {})

test('options and operands are read in any order, with = and behind --', () => {
  const rest = { list: false, 'two-coats': false }
  expect(read()).toEqual({ options: rest, operands: [] })
  const red = { options: { ...rest, colour: 'red' }, operands: ['hall'] }
  expect(read('--colour', 'red', 'hall')).toEqual(red)
  expect(read('hall', '--colour=red')).toEqual(red)
  expect(read('--two-coats', '--', '--hall', '-x')).toEqual({
    options: { ...rest, 'two-coats': true },
    operands: ['--hall', '-x'],
  })
  expect(read('--colour=-5')?.options.colour).toBe('-5')
})

test.each([
  [['--help']],
  [['-h']],
  [['--colour', 'red', '--help', 'hall']],
  [['--nonsense', 'a', 'b', 'c', '--help']],
])('%j asks for help, whatever else stands there', (args) => {
  expect(read(...args)).toBe(undefined)
})

test.each([
  [['--color', 'red'], '--color is not an option'],
  [['--no-list'], '--no-list is not an option'],
  [['--constructor'], '--constructor is not an option'],
  [['--__proto__=1'], '--__proto__ is not an option'],
  [['-c', 'red'], '-c is not an option'],
  [['-cx'], '-c is not an option'],
  [['--colour'], '--colour needs a value: NAME'],
  [['--colour='], '--colour needs a value: NAME'],
  [['--colour', '  '], '--colour needs a value: NAME'],
  [['--colour', '--list'], '--colour needs a value: NAME'],
  [['--list=yes'], '--list takes no value'],
  [['--list', '--list'], '--list is given twice'],
  [['--colour', 'red', '--colour', 'blue'], '--colour is given twice'],
  [['a', 'b', 'c'], 'too many arguments'],
])('%j is refused: %s', (args, message) => {
  expect(() => read(...args)).toThrow(new UsageError(message))
})

test.each([
  [['--postgres://me:hunter2@host/x']],
  [['--hunter2 and more']],
  [['a', 'b', 'hunter2']],
])('what may be a secret is not repeated: %j', (args) => {
  expect(() => read(...args)).toThrow(UsageError)
  expect(() => read(...args)).not.toThrow(/hunter2/)
})

test('too few operands are refused, and any where there are none', () => {
  const one = { ...program, operands: [1, 1] } as const
  expect(() => readCommandLine(one, [], {})).toThrow('an argument is missing')
  const { operands: _, ...none } = program
  expect(() => readCommandLine(none, ['hall'], {})).toThrow('options only')
})

test('help has the usage, each option, examples and exit codes', () => {
  expect(usageOf(program)).toBe(
    'usage: npm run paint -- --colour NAME ROOM\n       npm run paint -- --list',
  )
  const help = helpOf(program)
  expect(help.startsWith(`${usageOf(program)}\n\nPaints a room.\n`)).toBe(true)
  for (const line of [
    /^ {2}--colour NAME +the colour$/m,
    /^ {2}--two-coats +paints twice$/m,
    /^ {2}--help +/m,
    /^ {2}npm run paint +paints nothing$/m,
    /^ {2}npm run paint -- --colour red hall +paints the hall$/m,
    /^ {2}0 +done$/m,
    /^ {2}1 +/m,
    /^ {2}2 +the command line was not understood/m,
    /^ {2}3 +there is no paint left$/m,
  ])
    expect(help).toMatch(line)
})

test('a program that is not run by npm has no --', () => {
  expect(usageOf({ ...program, name: 'taskport' })).toContain('taskport --list')
})

// npm 11 and earlier read `npm run paint --list` as an option of their own.
test.each([
  [{ npm_config_list: 'true' }, [], '--list'],
  [{ npm_config_two_coats: 'true' }, ['hall'], '--two-coats'],
  [{ npm_config_colour: 'true' }, ['red', 'hall'], '--colour NAME'],
  [{ npm_config_colour: 'red' }, ['--list'], '--colour NAME'],
])('%j: npm has taken an option, and nothing is done', (env, args, option) => {
  const line = () => readCommandLine(program, args, { npm_lifecycle_event: 'paint', ...env })
  expect(line).toThrow(UsageError)
  expect(line).toThrow(
    `npm took ${option.split(' ')[0]} for itself: write npm run paint -- ${option}`,
  )
})

test('an option is given behind --, also where npm knows one of its name from its own settings', () => {
  const settings = { npm_config_list: '', npm_config_two_coats: 'false', npm_config_colours: 'x' }
  const of = (env: Record<string, string>, named: { name: string } = program) =>
    readCommandLine({ ...program, ...named }, ['hall'], env)?.operands
  expect(of({ npm_lifecycle_event: 'paint', ...settings })).toEqual(['hall'])
  const taken = { npm_config_list: 'true' }
  expect(of(taken), 'not run by npm').toEqual(['hall'])
  expect(of({ npm_lifecycle_event: 'test', ...taken }), 'of another script').toEqual(['hall'])
  expect(of({ npm_lifecycle_event: 'paint', ...taken }, { name: 'paint' })).toEqual(['hall'])
})

test('what may stand in an npmrc is no fault, but a hint where the program refuses', () => {
  const options = { yes: { doc: 'does not ask' }, json: { doc: 'prints JSON' } }
  const asking = { ...program, options }
  const env = { npm_lifecycle_event: 'paint', npm_config_yes: 'true' }
  expect(readCommandLine(asking, [], env)?.options.yes).toBe(false)
  expect(npmHint(asking, env)).toBe('npm took --yes for itself: write npm run paint -- --yes')
  expect(npmHint(asking, { npm_lifecycle_event: 'paint' })).toBe(undefined)
})
