import { expect, test } from 'vitest'
import { logFailedWork } from '../../src/core/failed-work.ts'
import { silent } from '../../src/core/log.ts'

const withCode = (code: string) => Object.assign(new Error(code), { code })

const record = () => {
  const logged: unknown[] = []
  const say = (of: string) => (message: string, details?: object) =>
    void logged.push({ level: of, message, ...details })
  return { logged, log: { ...silent, warning: say('warning'), error: say('error') } }
}

test.each([
  ['warning', withCode('DATABASE_TIMEOUT')],
  ['warning', withCode('ECONNRESET')],
  ['warning', withCode('SQLITE_BUSY')],
  ['warning', new Error('a batch failed', { cause: withCode('57P01') })],
  ['error', new TypeError('x is undefined')],
  ['error', withCode('23505')],
])('work that is tried again has its line as %s where it fails with %s', (level, error) => {
  const { logged, log } = record()
  logFailedWork({ log }, 'a job failed', { job: 'sweep', error })
  expect(logged).toEqual([{ level, message: 'a job failed', job: 'sweep', error }])
})

test('work that fails once the process is to end has none', () => {
  const ending = new AbortController()
  const { logged, log } = record()
  const fail = () =>
    logFailedWork({ log, signal: ending.signal }, 'a job failed', { error: withCode('EPIPE') })
  fail()
  ending.abort()
  fail()
  expect(logged).toHaveLength(1)
})
