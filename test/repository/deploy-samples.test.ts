// The samples of examples/deploy, by the programs that they are for, where this machine has them.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { run, startTaskport, temporaryFolder } from '../support/process.ts'

const ROOT = join(import.meta.dirname, '../..')
const sample = (name: string): string => readFileSync(join(ROOT, 'examples/deploy', name), 'utf8')

const absent = (program: string): boolean => {
  const isAbsent = spawnSync(program, ['--version']).error !== undefined
  if (isAbsent) console.warn(`its sample is not tried: there is no ${program} here`)
  return isAbsent
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** An event arrives when it is sent, and not when the stream ends. */
const streams = async (at: string, headers: Record<string, string>): Promise<void> => {
  const events = await fetch(`${at}/api/v1/events`, { headers })
  expect(events.status).toBe(200)
  const reader = (events.body as ReadableStream<Uint8Array>).getReader()
  const next = async () => new TextDecoder().decode((await reader.read()).value)
  expect(await next(), 'the present token').toContain('data:')
  const made = await fetch(`${at}/api/v1/tasks`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ title: 'Buy sugar' }),
  })
  expect(made.status).toBe(201)
  expect(await next(), 'that of the change').toContain('data:')
  await reader.cancel()
}

/** What has to hold behind a proxy. */
const holds = async (at: string, service: string, said: () => string): Promise<void> => {
  await expect
    .poll(async () => (await fetch(`${at}/health`).catch(() => undefined))?.status, {
      timeout: 60_000,
      message: said(),
    })
    .toBe(200)
  const registered = await fetch(`${at}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.org', password: 'a heron on the pier' }),
  })
  const { access_token } = (await registered.json()) as { access_token: string }
  const headers = { Authorization: `Bearer ${access_token}`, 'Content-Type': 'application/json' }
  const make = (body: string) => fetch(`${at}/api/v1/tasks`, { method: 'POST', headers, body })
  const created = await make(JSON.stringify({ title: 'Buy salt' }))
  const { id } = (await created.json()) as { id: string }
  const etag = created.headers.get('ETag') ?? ''
  const change = await fetch(`${at}/api/v1/tasks/${id}`, {
    method: 'PATCH',
    headers: { ...headers, 'If-Match': etag },
    body: JSON.stringify({ title: 'Buy pepper' }),
  })
  expect(change.status, 'the ETag is as it was').toBe(200)
  const list = await fetch(`${at}/api/v1/tasks`, {
    headers: { ...headers, 'Accept-Encoding': 'gzip, br' },
  })
  expect(list.headers.get('Content-Encoding'), 'answers of the API are not compressed').toBeNull()
  const docs = await fetch(`${at}/assets/page.css`, { headers: { 'Accept-Encoding': 'br' } })
  expect(docs.headers.get('Content-Encoding'), 'files are').toBe('br')
  const imported = await fetch(`${at}/api/v1/import?format=todotxt&dry_run=true`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'text/plain' },
    body: 'Buy salt and pepper\n'.repeat(80_000),
  })
  expect(imported.status, 'a file may be larger than other bodies').toBe(202)
  await streams(at, headers)
  // Whatever the client claims, its address is the one that the proxy saw: ten are all it has.
  const statuses: number[] = []
  for (let i = 0; i < 12; i++) {
    const { status } = await fetch(`${at}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': `203.0.113.${i}` },
      body: JSON.stringify({ email: `x${i}@example.org`, password: 'wrong' }),
    })
    statuses.push(status)
  }
  expect(statuses.filter((status) => status === 429).length).toBe(2)
  expect((await fetch(`${service}/health`)).status).toBe(200)
}

const behind = () => startTaskport({ TRUSTED_HOPS: '1' })

test.skipIf(absent('nginx'))('nginx', async () => {
  const service = await behind()
  const [folder, port] = [temporaryFolder(), await freePort()]
  const site = sample('nginx.conf')
    .replace('127.0.0.1:7860', new URL(service.url).host)
    .replace('listen 443 ssl', `listen 127.0.0.1:${port}`)
    .replace(/^ *ssl_certificate.*\n/gm, '')
  mkdirSync(join(folder, 'logs'))
  writeFileSync(join(folder, 'site.conf'), site)
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/pid; error_log stderr; worker_processes 1;
events {}
http {
  access_log off;
  ${paths.map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  include ${folder}/site.conf;
}
`,
  )
  const nginx = run(
    'nginx',
    ['-p', folder, '-c', join(folder, 'nginx.conf'), '-g', 'master_process off;'],
    {},
  )
  await holds(`http://127.0.0.1:${port}`, service.url, nginx.err)
  const large = await fetch(`http://127.0.0.1:${port}/api/v1/tasks`, {
    method: 'POST',
    body: 'x'.repeat(2 ** 20 + 10),
  })
  expect(large.status).toBe(413)
})

test.skipIf(absent('caddy'))('Caddy', async () => {
  const service = await behind()
  const [folder, port] = [temporaryFolder(), await freePort()]
  const site = sample('Caddyfile')
    .replace('127.0.0.1:7860', new URL(service.url).host)
    .replace('tasks.example.org {', `http://127.0.0.1:${port} {`)
  writeFileSync(join(folder, 'Caddyfile'), `{\n\tadmin off\n}\n${site}`)
  const env = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  const args = ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile']
  const caddy = run('caddy', args, env)
  await holds(`http://127.0.0.1:${port}`, service.url, caddy.err)
})

test('the unit of systemd starts what npm start starts, and gives it the time that it needs', () => {
  const unit = sample('taskport.service')
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  expect(unit).toContain(`\nExecStart=/usr/bin/${scripts.start.replace(/^exec /, '')}\n`)
  const seconds = Number(/SHUTDOWN_SECONDS=(\d+)/.exec(unit)?.[1])
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBe(seconds + 1)
})

test.skipIf(absent('systemd-analyze'))('systemd finds nothing wrong with its unit', () => {
  const folder = temporaryFolder()
  const unit = join(folder, 'taskport.service')
  writeFileSync(unit, sample('taskport.service').replace('/usr/bin/node', process.execPath))
  const { stderr, status } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
  expect({ status, said: stderr.split('\n').filter((line) => line.includes(unit)) }).toEqual({
    status: 0,
    said: [],
  })
})
