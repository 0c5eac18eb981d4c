import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run, startTaskport } from '../support/process.ts'

const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8')

test('the two commands stand there as they are', () => {
  expect(readme).toContain('\nnpm ci && npm start\n')
  expect(readme).toContain('\nnpm ci && npm test\n')
})

const blocks = [...readme.matchAll(/<!-- first-hour -->\n```sh\n([\s\S]*?)```/g)].map(
  ([, block]) => block,
)
const session = blocks.map((block, i) => `echo "# block ${i}" >&2\n${block}`).join('\n')

/**
 * The shells that people paste into. zsh has parameters of its own, and takes an unquoted bracket
 * for a pattern.
 */
const shells = ['sh', 'bash', 'zsh'].map((shell) => ({
  shell,
  absent: spawnSync(shell, ['-c', 'true']).error !== undefined,
}))
for (const { shell } of shells.filter(({ absent }) => absent))
  console.warn(`the first hour is not run in ${shell}: it is not installed`)

test.each(shells.filter(({ absent }) => !absent))(
  'the first hour runs in $shell; again, only the registration is refused',
  async ({ shell }) => {
    expect(blocks.length).toBeGreaterThan(8)
    const { url } = await startTaskport()
    const first = await runIn(shell, ['-e'], url)
    expect({
      code: first.code,
      said: first.code === 0 ? '' : `${first.out}\n${first.err}`,
    }).toEqual({ code: 0, said: '' })
    expect(first.out).toContain('Call the plumber\nSweep the chimney\n')
    // As people paste it: no error ends the session.
    const again = await runIn(shell, [], url)
    expect(again.out).toContain('Call the plumber\nSweep the chimney\n')
    expect(
      again.err.split('\n').filter((line) => line !== '' && !line.startsWith('# block')),
    ).toEqual([
      expect.stringContaining('returned error: 409'),
      expect.stringMatching(/account (of|with) this e-mail address/),
    ])
  },
)

const runIn = async (shell: string, options: string[], TASKPORT: string) => {
  const { exit, out, err } = run(shell, [...options, '-c', session], { TASKPORT, NO_PROXY: '*' })
  return { code: await exit, out: out(), err: err() }
}
