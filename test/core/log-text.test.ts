import { expect, test } from 'vitest'
import { createLog } from '../../src/core/log.ts'
import { textFormat } from '../../src/core/log-text.ts'
import { logFormatOf } from '../../src/runtimes/node/log.ts'

const clock = { now: () => Date.UTC(2026, 10, 23, 9, 0, 0, 7) }
const written = (say: (log: ReturnType<typeof createLog>) => void, coloured = false): string[] => {
  const lines: string[] = []
  say(createLog('debug', (line) => lines.push(line), clock, textFormat({ coloured })))
  return lines
}

test('a request is one short line, with its id at the end', () => {
  expect(
    written((log) =>
      log.info('request', {
        request_id: 'r-1',
        operation: 'getTask',
        status: 404,
        code: 'not_found',
        ms: 0.42,
        user_id: 'ada',
      }),
    ),
  ).toEqual(['09:00:00 info  getTask 404 not_found 0.42 ms user=ada id=r-1'])
})

test('anything else is its message and its details', () => {
  expect(
    written((log) => {
      log.info('started', { port: 7860, file: '/a path/x.db', nothing: undefined, empty: '' })
      log.warning('the data is not kept', { migrations: ['0000', '0001'] })
    }),
  ).toEqual([
    '09:00:00 info  started port=7860 file="/a path/x.db" empty=""',
    '09:00:00 WARN  the data is not kept migrations=["0000","0001"]',
  ])
})

test('an error is in its line, with its causes and where it was thrown', () => {
  const cause = Object.assign(new Error('gone'), { code: 'ECONNREFUSED' })
  const error = new TypeError('it failed', { cause })
  const [line = ''] = written((log) =>
    log.error('request failed', { request_id: 'r', operation: 'none', status: 500, error }),
  )
  expect(line).toMatch(
    /^09:00:00 ERROR request failed none 500 error=TypeError: it failed at .*log-text\.test\.ts.* <- Error: gone \(ECONNREFUSED\) at .* id=r$/,
  )
  expect(line).not.toContain('\n')
})

test('nothing that was sent reaches the terminal as a command', () => {
  const hostile = 'a\u001b[2Jb\u0007c\nd\u009be\u2028f\u007f'
  for (const line of [
    ...written((log) => log.info(hostile, { title: hostile })),
    ...written((log) => log.error('it failed', { error: new Error(hostile) })),
  ])
    expect(line).not.toMatch(/[\p{Cc}\u2028\u2029]/u)
})

test('colours are for the level only', () => {
  expect(written((log) => log.error('it failed'), true)).toEqual([
    '09:00:00 \u001b[31mERROR\u001b[0m it failed',
  ])
})

test.each([
  ['auto', {}, {}, 'json'],
  ['auto', { isTTY: true }, {}, 'coloured'],
  ['auto', { isTTY: true }, { NO_COLOR: '1' }, 'text'],
  ['auto', { isTTY: true }, { NO_COLOR: '' }, 'coloured'],
  ['auto', { isTTY: true }, { TERM: 'dumb' }, 'text'],
  ['json', { isTTY: true }, {}, 'json'],
  ['text', {}, {}, 'text'],
  ['text', { isTTY: true }, {}, 'coloured'],
] as const)('LOG_FORMAT=%s at %o with %o is %s', (wanted, stream, env, format) => {
  expect(logFormatOf(wanted, stream, env)).toBe(format)
})
