import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run, startTaskport } from './support/process.ts'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')

test('the two commands stand there as they are', () => {
  expect(readme).toContain('\nnpm ci && npm start\n')
  expect(readme).toContain('\nnpm ci && npm test\n')
})

test('the first hour runs, block by block, in one session', async () => {
  const blocks = [...readme.matchAll(/<!-- first-hour -->\n```sh\n([\s\S]*?)```/g)].map(([, block]) => block)
  expect(blocks.length).toBeGreaterThan(8)
  const { url } = await startTaskport()
  const session = run('sh', ['-e', '-c', blocks.map((block, i) => `echo "# block ${i}" >&2\n${block}`).join('\n')], {
    TASKPORT: url,
    NO_PROXY: '*',
  })
  const code = await session.exit
  expect({ code, said: code === 0 ? '' : `${session.out()}\n${session.err()}` }).toEqual({ code: 0, said: '' })
  expect(session.out()).toContain('Call the plumber\nSweep the chimney\n')
})
