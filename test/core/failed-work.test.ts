import { expect, test } from 'vitest'
import { logFailedWork } from '../../src/core/failed-work.ts'
import { silent } from '../../src/core/log.ts'

const withCode = (code: string) => Object.assign(new Error(code), { code })

test.each([
  ['warning', withCode('DATABASE_TIMEOUT')],
  ['warning', withCode('ECONNRESET')],
  ['warning', withCode('SQLITE_BUSY')],
  ['warning', new Error('a batch failed', { cause: withCode('57P01') })],
  ['error', new TypeError('x is undefined')],
  ['error', withCode('23505')],
])('work that is tried again has its line as %s where it fails with %s', (level, error) => {
  const logged: unknown[] = []
  const say = (of: string) => (message: string, details?: object) =>
    void logged.push({ level: of, message, ...details })
  const log = { ...silent, warning: say('warning'), error: say('error') }
  logFailedWork({ log }, 'a job failed', { job: 'sweep', error })
  expect(logged).toEqual([{ level, message: 'a job failed', job: 'sweep', error }])
})
