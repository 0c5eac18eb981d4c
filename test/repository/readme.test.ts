import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run, startTaskport } from '../support/process.ts'
import { shells } from '../support/shells.ts'
import { isSmall } from '../support/size.ts'

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')

test('the two commands stand there as they are', () => {
  expect(readme).toContain('\nnpm ci && npm start\n')
  expect(readme).toContain('\nnpm ci && npm test\n')
})

const blocks = [...readme.matchAll(/<!-- first-hour -->\n```sh\n([\s\S]*?)```/g)].map(
  ([, block]) => block,
)
const session = blocks.map((block, i) => `echo "# block ${i}" >&2\n${block}`).join('\n')

// In a small run only in zsh, which takes the most for a pattern or a parameter of its own.
test.each(isSmall ? shells.slice(-1) : shells)(
  'the first hour runs in %s; with an address that is taken, only the registration is refused',
  async (shell) => {
    expect(blocks.length).toBeGreaterThan(8)
    const { url } = await startTaskport()
    const first = await runIn(shell, ['-e'], url)
    expect({
      code: first.code,
      said: first.code === 0 ? '' : `${first.out}\n${first.err}`,
    }).toEqual({ code: 0, said: '' })
    expect(first.out).toContain('Call the plumber\nSweep the chimney\n')
    const EMAIL = 'grace@example.org'
    const registered = await fetch(`${url}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email: EMAIL, password: 'a heron on the pier' }),
    })
    expect(registered.status, 'the first run registered another address').toBe(201)
    // As people paste it: no error ends the session.
    const again = await runIn(shell, [], url, { EMAIL })
    expect(again.out).toContain('Call the plumber\nSweep the chimney\n')
    expect(
      again.err.split('\n').filter((line) => line !== '' && !line.startsWith('# block')),
    ).toEqual([
      expect.stringContaining('returned error: 409'),
      expect.stringMatching(/^There is an account (of|with) this e-mail address/),
      expect.stringMatching(/^\/email: There is an account (of|with) this e-mail address/),
    ])
  },
)

test('a request that does not fit shows each of its faults', async () => {
  const [helpers = ''] = blocks
  const { url } = await startTaskport()
  const script = `${helpers}\ncurl -sS "$TASKPORT/api/v1/auth/register" -H 'Content-Type: application/json' -d '{"email": 7}' | field .id`
  const { exit, err } = run(shells[0] ?? 'sh', ['-c', script], { TASKPORT: url, NO_PROXY: '*' })
  expect(await exit).not.toBe(0)
  expect(err()).toContain('/email: This takes text, not a number.\n/password: This is required.')
})

const runIn = async (
  shell: string,
  options: string[],
  TASKPORT: string,
  env: Record<string, string> = {},
) => {
  const variables = { TASKPORT, NO_PROXY: '*', ...env }
  const { exit, out, err } = run(shell, [...options, '-c', session], variables)
  return { code: await exit, out: out(), err: err() }
}
