// The recipes of docs/original-contract.md, run as they are printed: the service with the variables
// of each, and then its commands in each shell.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startBetterAuth } from '../support/better-auth.ts'
import { run, startTaskport } from '../support/process.ts'
import { shells } from '../support/shells.ts'
import { isSmall } from '../support/size.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/original-contract.md'), 'utf8')
const blocksOf = (name: string, language = 'sh'): string[] =>
  [
    ...page.matchAll(
      new RegExp(`<!-- recipe: ${name} -->\n\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'),
    ),
  ].map(([, block = '']) => block)

/** A small run has one shell for each recipe. */
const shellsFor = (recipe: number): readonly string[] =>
  isSmall ? [shells[recipe % shells.length] ?? 'sh'] : shells

/** What the first block sets for `npm start`, with another address where this machine has one. */
const variablesOf = async (start: string, here: Readonly<Record<string, string>>) => {
  expect(start).toMatch(/ npm start\n$/)
  const { exit, out } = run('sh', ['-c', start.replace('npm start', 'env')], {})
  expect(await exit).toBe(0)
  const printed = out()
    .split('\n')
    .map((line) => line.split(/=(.*)/s) as [string, string])
    .filter(([name]) => /^(BETTER_AUTH|CORS)_/.test(name))
  expect(printed.length).toBeGreaterThan(0)
  return Object.fromEntries(
    printed.map(([name, value]) => [
      name,
      Object.entries(here).reduce((text, [from, to]) => text.replace(from, to), value),
    ]),
  )
}

const runIn = async (shell: string, commands: readonly string[], env: Record<string, string>) => {
  const { exit, out, err } = run(shell, ['-e', '-c', commands.join('\n')], {
    NO_PROXY: '*',
    ...env,
  })
  return { code: await exit, out: out(), err: err() }
}

test('Next.js with Better Auth', async () => {
  const issuer = await startBetterAuth()
  onTestFinished(issuer.stop)
  const [start = '', ...commands] = blocksOf('better-auth')
  const env = await variablesOf(start, { 'http://localhost:3000': issuer.url })
  expect(env).toEqual({ BETTER_AUTH_URL: issuer.url, CORS_ORIGINS: issuer.url })
  const { url } = await startTaskport(env)
  for (const shell of shellsFor(0)) {
    const done = await runIn(shell, commands, { TASKPORT: url, AUTH: issuer.url })
    expect(done, shell).toMatchObject({ code: 0, err: '' })
    expect(done.out.match(/"title":"Pay the rent"/g), done.out).toHaveLength(2)
  }
  // The lines of the frontend, with a `fetch` that knows where the page is and has its cookies.
  const [script = ''] = blocksOf('better-auth, in the frontend', 'js')
  const { token } = await issuer.signUp('frontend')
  const inPage: typeof fetch = (input, init) =>
    String(input).startsWith('/') ? Promise.resolve(Response.json({ token })) : fetch(input, init)
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor
  const body = `${script}\nreturn tasks`
  const answer = await new AsyncFunction('fetch', 'process', body)(inPage, {
    env: { NEXT_PUBLIC_API_URL: url },
  })
  expect([answer.status, await answer.json()]).toEqual([200, []])
})

test('a frontend with its own login', async () => {
  const [start = '', ...commands] = blocksOf('own-login')
  const { url } = await startTaskport(await variablesOf(start, {}))
  for (const shell of shellsFor(1)) {
    const done = await runIn(shell, commands, { TASKPORT: url })
    expect(done, shell).toMatchObject({ code: 0, err: '' })
    expect(
      done.out.match(/"title":"Sweep the chimney","description":null,"status":"completed"/g),
    ).toHaveLength(2)
  }
})

test('a Postman user', async () => {
  const [start = '', ...commands] = blocksOf('postman')
  const { url } = await startTaskport(await variablesOf(start, {}))
  for (const [at, shell] of shellsFor(2).entries()) {
    const done = await runIn(shell, commands, { TASKPORT: url })
    expect(done, shell).toMatchObject({ code: 0, err: '' })
    expect(done.out).toMatch(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n/)
    expect(done.out.match(/"title":"Call the plumber"/g)).toHaveLength(at + 2)
  }
})
