import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run, startTaskport } from './support/process.ts'

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')

/** The Space header as names and values; a list is an array. Only the YAML that such a header needs: anything else fails. */
const header = (): Record<string, string | string[]> => {
  const [, yaml] = /^---\n([\s\S]*?)\n---\n/.exec(readme) ?? []
  const fields: Record<string, string | string[]> = {}
  let last = ''
  for (const line of (yaml ?? '').split('\n')) {
    const [, name, value] = /^(\w+):(?: ([^\s:#'"&*!|>%@`{}[\],-][^:#]*))?$/.exec(line) ?? []
    const [, item] = /^ {2}- ([\w.-]+)$/.exec(line) ?? []
    if (name !== undefined) {
      last = name
      fields[name] = value ?? []
    } else if (item !== undefined && Array.isArray(fields[last])) (fields[last] as string[]).push(item)
    else throw new Error(`not a line of a Space header: ${line}`)
  }
  return fields
}

test('the header is one that a Docker Space takes', () => {
  const { sdk, app_port, title, emoji, colorFrom, colorTo, short_description, pinned, license, tags, ...rest } = header()
  const colors = ['red', 'yellow', 'green', 'blue', 'indigo', 'purple', 'pink', 'gray']
  expect({ sdk, app_port, license }).toEqual({ sdk: 'docker', app_port: '7860', license: 'mit' })
  expect(title).toBe('Taskport')
  expect([...new Intl.Segmenter().segment(String(emoji))]).toHaveLength(1)
  expect(emoji).toMatch(/^\p{Emoji_Presentation}/u)
  expect(colors).toContain(colorFrom)
  expect(colors).toContain(colorTo)
  expect(String(short_description).length).toBeLessThanOrEqual(60)
  expect(['true', 'false']).toContain(pinned)
  expect(Array.isArray(tags) && tags.length > 0).toBe(true)
  // What else a Docker Space knows; app_file and sdk_version are for others.
  const known = [
    'header',
    'startup_duration_timeout',
    'disable_embedding',
    'hf_oauth',
    'hf_oauth_scopes',
    'hf_oauth_expiration_minutes',
    'custom_headers',
  ]
  expect(Object.keys(rest).filter((name) => !known.includes(name))).toEqual([])
})

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
