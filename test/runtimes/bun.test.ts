import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run } from '../support/process.ts'
import { isSmall } from '../support/size.ts'
import { describeMachine } from './machine.ts'
import { commandOf, DATABASES, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

const command = commandOf('start:bun')
describeRuntime({ name: 'Bun', databases: DATABASES, start: starterOf(...command), resets: true })
describeMachine('Bun', ...command)

test.skipIf(isSmall)('on Bun a connection is not idle while the service works', async () => {
  const { exit, out, err } = run('bun', [join(import.meta.dirname, 'bun-silence.ts')], {})
  expect(await exit, err()).toBe(0)
  expect(out()).toMatch(/^HTTP\/1\.1 200 [\s\S]*answered \/late\n$/)
})
