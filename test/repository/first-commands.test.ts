// What people paste from the start page, in the shells that they paste it into; in a small run in
// one.
import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { run, startTaskport, temporaryFolder } from '../support/process.ts'
import { shells } from '../support/shells.ts'
import { isSmall } from '../support/size.ts'
import { createWorld } from '../support/world.ts'

/** The commands of the page, for the address where it really is. */
const commandsOf = async (url: string): Promise<readonly string[]> => {
  const html = await (await fetch(url, { headers: { Accept: 'text/html' } })).text()
  return commandsIn(html).map((text) => text.replaceAll('http://localhost:7860', url))
}
const commandsIn = (html: string): readonly string[] =>
  [...html.matchAll(/<pre[^>]*><code>([\s\S]*?)<\/code>/g)].map(([, text = '']) =>
    text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
  )
const addressIn = (command: string | undefined): string =>
  /"email":"([^"]+)"/.exec(command ?? '')?.[1] ?? ''

/** Only these programs, as on a machine where nothing was installed: no jq, no node. */
const poorPath = (): string => {
  const folder = join(temporaryFolder(), 'bin')
  mkdirSync(folder)
  for (const program of ['sh', 'bash', 'zsh', 'curl', 'grep', 'cut']) {
    const found = (process.env['PATH'] ?? '')
      .split(delimiter)
      .map((part) => join(part, program))
      .find((path) => existsSync(path))
    if (found) symlinkSync(found, join(folder, program))
  }
  return folder
}

/** As typed in: each line by itself, with what a shell does for people and not for scripts. */
const paste = async (shell: string, text: string) => {
  const typed = run(
    '/bin/sh',
    [
      '-c',
      `${shell} ${{ bash: '--norc --noprofile', zsh: '-f' }[shell] ?? ''} -i <<'END'\n${text}\nEND`,
    ],
    { PATH: poorPath(), NO_PROXY: '*', HOME: temporaryFolder(), ENV: '' },
  )
  return { code: await typed.exit, out: typed.out(), err: typed.err() }
}

const told = (out: string, name: string): string =>
  new RegExp(`<${name}=(.*)>`).exec(out)?.[1] ?? ''
const tell = (name: string): string => `printf '<%s>\\n' "${name}=$${name}"`

test.each(shells.slice(0, isSmall ? 1 : undefined))(
  'in %s the commands make an account and a task, twice in a row',
  async (shell) => {
    const { url } = await startTaskport()
    const [signIn = '', create = '', refresh = ''] = await commandsOf(url)
    const session = [signIn, create, refresh, create, tell('TOKEN'), tell('REFRESH')].join('\n')
    const { out, err } = await paste(shell, `${session}\n${signIn}\n${create}\n`)
    expect(out.match(/Signed in/g), `${out}\n${err}`).toHaveLength(3)
    expect(out.match(/"title":"Try Taskport"/g), `${out}\n${err}`).toHaveLength(3)
    expect(out).not.toContain('Not signed in')
    expect(told(out, 'TOKEN')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(told(out, 'REFRESH')).toMatch(/^tpr_/)
    await whatGoesWrong(shell, url)
  },
)

const whatGoesWrong = async (shell: string, url: string) => {
  const [signIn = '', create = '', refresh = ''] = await commandsOf(url)
  const weak = signIn.replace('your own passphrase', 'short')
  const wrong = signIn.replace('your own passphrase', 'another passphrase')
  const away = signIn.replaceAll(url, 'http://127.0.0.1:9')
  const refused = await paste(shell, [create, weak].join('\n'))
  expect(refused.err, 'without a token nothing is sent').toContain('sign in first')
  if (shell === 'sh') return // which ends there
  expect(refused.out).toMatch(/Not signed in:\n.*\n.*8/)
  const session = [signIn, wrong, away, `API=${url}/api/v1`, refresh, tell('TOKEN')].join('\n')
  const { out, err } = await paste(shell, session)
  expect(out.match(/Signed in/g), `${out}\n${err}`).toHaveLength(2)
  expect(out).toMatch(/Not signed in:\n.*password/)
  expect(err).toMatch(/curl: \(7\)/)
  expect(told(out, 'TOKEN')).not.toBe('')
}

/** The first command of the page, as many times as it is served. */
const firstCommands = async (times: number, env: Record<string, string> = {}) => {
  const world = await createWorld({ env })
  onTestFinished(world.close)
  const first = async () => {
    const page = await world.fetch('/', { headers: { Accept: 'text/html' } })
    return commandsIn(await page.text())[0] ?? ''
  }
  return Promise.all(Array.from({ length: times }, first))
}

test('each visitor gets an address of their own, of a domain that nobody has', async () => {
  const addresses = (await firstCommands(20)).map(addressIn)
  expect(new Set(addresses).size).toBe(20)
  for (const address of addresses) expect(address).toMatch(/^[\w-]+@example\.org$/)
})

test('where registration is closed, the command signs in', async () => {
  const [signIn = ''] = await firstCommands(1, { REGISTRATION: 'closed' })
  expect(signIn).not.toContain('register')
  expect(signIn).toContain('ask auth/login')
  expect(addressIn(signIn)).toBe('you@example.org')
})
