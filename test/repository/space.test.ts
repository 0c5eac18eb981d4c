// What a Hugging Face Space asks of this repository and of the running service.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { parseConfig } from '../../src/config.ts'
import { startTaskport } from '../support/process.ts'
import { SPACE } from '../support/space.ts'

const read = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../..', name), 'utf8')
const { version, scripts } = manifest
const readme = read('README.md')

/**
 * The Space header as names and values; a list is an array. Only the YAML that such a header needs:
 * anything else fails.
 */
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
    } else if (item !== undefined && Array.isArray(fields[last]))
      (fields[last] as string[]).push(item)
    else throw new Error(`not a line of a Space header: ${line}`)
  }
  return fields
}

test('the header is one that a Docker Space takes', () => {
  const {
    sdk,
    app_port,
    title,
    emoji,
    colorFrom,
    colorTo,
    short_description,
    pinned,
    license,
    tags,
    ...rest
  } = header()
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

test('the header, the image and the service agree on the port', () => {
  const { app_port } = header()
  expect(/^EXPOSE (.*)$/m.exec(read('Dockerfile'))?.[1]).toBe(app_port)
  expect(String(parseConfig({}).port)).toBe(app_port)
})

test('the image says the version of the program, and starts as npm start does', () => {
  expect(/\borg\.opencontainers\.image\.version="(.*?)"/.exec(read('Dockerfile'))?.[1]).toBe(
    version,
  )
  expect(JSON.parse(/^CMD (.*)$/m.exec(read('Dockerfile'))?.[1] ?? '')).toEqual(
    scripts.start.replace(/^exec /, '').split(' '),
  )
})

test('what the image is built from is in the repository: no file that git ignores, no argument, no secret, no frontend', () => {
  const dockerfile = read('Dockerfile')
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, sources]) =>
    (sources as string).split(' '),
  )
  const admitted = [...read('.dockerignore').matchAll(/^!(.*)$/gm)].map(([, name]) => name)
  expect(copied.sort()).toEqual(admitted.sort())
  expect(read('.dockerignore')).toMatch(/^\*$/m)
  expect(dockerfile).not.toMatch(/^(?:ARG|VOLUME|ADD)|# *syntax|--mount|\bgit\b/m)
})

describe('on a Space', () => {
  let url: string
  beforeEach(async () => {
    url = (await startTaskport({ ...SPACE, RATE_LIMIT_SIGN_IN_PER_ADDRESS: '2' })).url
  })
  const register = (email: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify({ email, password: 'a heron on the pier' }),
    })

  test('HEAD / is 200 at once, without a token, whatever the proxy says', async () => {
    for (const headers of [
      {},
      { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'elsewhere.example' },
      { 'X-Forwarded-Proto': 'http' },
    ]) {
      const answer = await fetch(url, { method: 'HEAD', headers, redirect: 'manual' })
      expect(answer.status).toBe(200)
      expect(await answer.text()).toBe('')
    }
  })

  test('huggingface.co may show the pages in a frame, and nobody else; no cookie is set', async () => {
    for (const path of ['/', '/docs']) {
      const answer = await fetch(url + path, { headers: { Accept: 'text/html' } })
      const policy = answer.headers.get('Content-Security-Policy') ?? ''
      expect(policy.split('; ')).toContain("frame-ancestors 'self' https://huggingface.co")
      expect(answer.headers.has('X-Frame-Options')).toBe(false)
      expect(answer.headers.getSetCookie()).toEqual([])
    }
  })

  test('absolute URLs are those of SPACE_HOST, by https, and not of what a request says', async () => {
    const headers = {
      Accept: 'text/html',
      Host: 'evil.example',
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Proto': 'http',
    }
    const page = await (await fetch(url, { headers })).text()
    expect(page).toContain('https://ada-tasks.hf.space/api/v1/')
    expect(page).not.toMatch(/evil\.example|http:\/\/ada-tasks|localhost/)
    const document = (await (await fetch(`${url}/openapi.json`, { headers })).json()) as {
      servers: object[]
    }
    expect(document.servers).toEqual([{ url: 'https://ada-tasks.hf.space' }])
  })

  test('the page, the status and the log say that the disk forgets', async () => {
    const reason =
      "The data is on the Space's own disk, which is wiped at every restart and every push."
    expect(await (await fetch(`${url}/status`)).json()).toMatchObject({
      durability: { kind: 'ephemeral', reason: expect.stringContaining(reason) },
    })
    expect(await (await fetch(url, { headers: { Accept: 'text/html' } })).text()).toContain(
      'Not kept: this disk forgets.',
    )
  })

  test('pages of any origin may call the API, without credentials', async () => {
    const asked = {
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization,content-type,x-api-key',
    }
    const preflight = await fetch(`${url}/api/v1/tasks`, {
      method: 'OPTIONS',
      headers: { Origin: 'https://app.example', ...asked },
    })
    expect(preflight.ok).toBe(true)
    expect(preflight.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(preflight.headers.get('Access-Control-Allow-Headers')?.toLowerCase()).toMatch(
      /authorization.*x-api-key|x-api-key.*authorization/,
    )
    expect(preflight.headers.has('Access-Control-Allow-Credentials')).toBe(false)
  })

  test('limits count the address that the proxy saw, not the one that a caller claims', async () => {
    const from = (claimed: string, seen: string, name: string) =>
      register(`${name}@example.org`, { 'X-Forwarded-For': `${claimed}, ${seen}` })
    expect((await from('192.0.2.1', '203.0.113.7', 'ada')).status).toBe(201)
    expect((await from('192.0.2.2', '203.0.113.7', 'bob')).status).toBe(201)
    expect((await from('192.0.2.3', '203.0.113.7', 'cleo')).status).toBe(429)
    expect((await from('192.0.2.1', '203.0.113.8', 'dora')).status).toBe(201)
  })

  test("a private Space's gate takes Authorization: X-API-Key then carries the token or the key", async () => {
    const { access_token } = (await (await register('ada@example.org')).json()) as {
      access_token: string
    }
    const gate = { Authorization: 'Bearer hf_0123456789' }
    const ask = (path: string, headers: Record<string, string>, body?: object) =>
      fetch(`${url}/api/v1${path}`, {
        method: body ? 'POST' : 'GET',
        headers: { ...gate, 'Content-Type': 'application/json', ...headers },
        ...(body && { body: JSON.stringify(body) }),
      })
    expect((await ask('/tasks', {})).status).toBe(401)
    const made = await ask(
      '/api-keys',
      { 'X-API-Key': access_token },
      { name: 'script', scopes: ['tasks:read'] },
    )
    expect(made.status).toBe(201)
    const { key } = (await made.json()) as { key: string }
    expect((await ask('/tasks', { 'X-API-Key': key })).status).toBe(200)
  })
})
