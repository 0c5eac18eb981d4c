// The examples do what they say, against the service, twice with the same account.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { run, startTaskport } from '../support/process.ts'

const examples = [
  { name: 'JavaScript', command: process.execPath, file: 'examples/javascript.mjs' },
  { name: 'Python', command: 'python3', file: 'examples/client.py' },
] as const
const isAbsent = (command: string) => spawnSync(command, ['--version']).error !== undefined

for (const { name, command } of examples)
  if (isAbsent(command)) console.warn(`the example in ${name} is not run: there is no ${command}`)

test.each(examples.filter(({ command }) => !isAbsent(command)))(
  'the example in $name',
  async ({ command, file }) => {
    const { url } = await startTaskport()
    for (const EMAIL of ['ada@example.org', 'ada@example.org', '']) {
      const env = { TASKPORT: url, NO_PROXY: '*', ...(EMAIL && { EMAIL }) }
      const { exit, out, err } = run(command, [file], env)
      expect({ code: await exit, err: err() }).toEqual({ code: 0, err: '' })
      expect(out()).toBe('Sweep the chimney high\n- Sweep the chimney\ndone\n')
    }
    const away = run(command, [file], { TASKPORT: 'http://127.0.0.1:9', NO_PROXY: '*' })
    expect({ code: await away.exit, err: away.err() }).toEqual({
      code: 1,
      err: 'http://127.0.0.1:9/api/v1 cannot be reached: start the service, or set TASKPORT to its address\n',
    })
    const wrong = run(command, [file], {
      TASKPORT: url,
      NO_PROXY: '*',
      EMAIL: 'ada@example.org',
      PASSWORD: 'not this one',
    })
    expect(await wrong.exit).not.toBe(0)
    expect(wrong.err()).toContain('invalid_credentials: The e-mail address')
  },
)
