import { expect, test } from 'vitest'
import { createLog, type LogLevel } from '../../src/core/log.ts'

const clock = { now: () => Date.UTC(2026, 10, 23, 9, 0, 0, 7) }
const written = (least: LogLevel, say: (log: ReturnType<typeof createLog>) => void) => {
  const lines: [string, unknown][] = []
  say(createLog(least, (line, level) => lines.push([level, JSON.parse(line)]), clock))
  return lines
}

test('a line is a JSON object: the time, the level, the message, the details', () => {
  expect(
    written('info', (log) =>
      log.info('request', { status: 200, user_id: 'ada', title: 'two\nlines' }),
    ),
  ).toEqual([
    [
      'info',
      {
        time: '2026-11-23T09:00:00.007Z',
        level: 'info',
        message: 'request',
        status: 200,
        user_id: 'ada',
        title: 'two\nlines',
      },
    ],
  ])
})

test('what is less important than asked for is not written', () => {
  const say = (log: ReturnType<typeof createLog>) => {
    log.debug('one')
    log.info('two')
    log.warning('three')
    log.error('four')
  }
  const messages = (least: LogLevel) =>
    written(least, say).map(([, line]) => (line as { message: string }).message)
  expect(messages('debug')).toEqual(['one', 'two', 'three', 'four'])
  expect(messages('warning')).toEqual(['three', 'four'])
})

test('an error shows its causes and its code, and none of the values that it carries', () => {
  const cause = Object.assign(new Error('duplicate key'), { code: '23505', parameters: ['secret'] })
  const error = Object.assign(new TypeError('it failed', { cause }), { query: 'select secret' })
  const [[, line]] = written('error', (log) => log.error('request failed', { error })) as [
    [string, { error: { cause: object } }],
  ]
  expect(line.error).toMatchObject({
    name: 'TypeError',
    message: 'it failed',
    stack: expect.stringContaining('log.test.ts'),
  })
  expect(line.error.cause).toMatchObject({ message: 'duplicate key', code: '23505' })
  expect(JSON.stringify(line)).not.toContain('secret')
})

test('what is thrown without being an error, or is its own cause, is a line too', () => {
  const own = new Error('round')
  own.cause = own
  const circular: { self?: unknown } = {}
  circular.self = circular
  for (const error of [own, circular, 'a text', undefined, null])
    expect(
      written('error', (log) => log.error('it failed', { error })),
      String(error),
    ).toHaveLength(1)
})
