// The commands of the pages behind the README's first hour, as a reader runs them: in one shell,
// with what that hour left.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { run, startTaskport } from '../support/process.ts'

const ROOT = join(import.meta.dirname, '../..')
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** Up to the task that the first hour makes. */
const FIRST = 5
const firstHour = [...read('README.md').matchAll(/<!-- first-hour -->\n```sh\n([\s\S]*?)```/g)]
  .slice(0, FIRST)
  .map(([, block = '']) => block)
  .join('\n')

/** Blocks of sh with `call` or `uuid7` in them, and indented lines with `call`. */
const commandsOf = (page: string): string[] =>
  [...read(page).matchAll(/^```sh\n([\s\S]*?)^```|^ {4}(.*\bcall .*)$/gm)]
    .map(([, block, line]) => block ?? line ?? '')
    .filter((text) => /\bcall |uuid7/.test(text))

test.each([
  ['docs/api.md', 1],
  ['docs/tasks.md', 6],
  ['docs/recurrence.md', 5],
  ['docs/reminders.md', 1],
  ['docs/batch.md', 3],
  ['docs/export-import.md', 2],
] as const)('the commands of %s run', async (page, least) => {
  const commands = commandsOf(page)
  expect(commands.length).toBeGreaterThanOrEqual(least)
  const { url } = await startTaskport()
  const folder = mkdtempSync(join(tmpdir(), 'taskport-pages-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const session = [`cd '${folder}'`, firstHour, ...commands].join('\n')
  const { exit, out, err } = run('sh', ['-e', '-c', session], { TASKPORT: url, NO_PROXY: '*' })
  const code = await exit
  expect({ code, said: code === 0 ? '' : `${out()}\n${err()}` }).toEqual({ code: 0, said: '' })
})
