// The command for whoever runs the service, on the database of a running service.
import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'
import { startTaskport, temporaryFolder } from './support/process.ts'

const command = (args: string[], input: string, DATA_DIR: string) =>
  new Promise<{ code: number; said: string }>((resolve) => {
    const child = execFile(process.execPath, ['scripts/user.ts', ...args], { env: { ...process.env, DATA_DIR } }, (error, out, err) =>
      resolve({ code: error ? Number(error.code) : 0, said: out + err }),
    )
    child.stdin?.end(input)
  })

test('a forgotten password is reset, and everything that knew the old one ends', async () => {
  const DATA_DIR = temporaryFolder()
  const service = await startTaskport({ DATA_DIR })
  const post = (path: string, body: object, headers = {}) =>
    fetch(`${service.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const old = { email: 'Ada@example.org', password: 'a heron on the pier' }
  const signedIn = (await (await post('/auth/register', old)).json()) as { access_token: string; refresh_token: string }
  await post('/api-keys', { name: 'key', scopes: ['tasks:read'] }, { Authorization: `Bearer ${signedIn.access_token}` })

  expect(await command(['reset-password', 'nobody@example.org'], 'two herons on the pier\n', DATA_DIR)).toMatchObject({
    code: 1,
    said: expect.stringContaining('no such account'),
  })
  expect(await command(['reset-password', 'ada@example.org'], 'password\n', DATA_DIR)).toMatchObject({
    code: 1,
    said: expect.stringContaining('common'),
  })
  expect(await command(['reset'], '', DATA_DIR)).toMatchObject({ code: 2, said: expect.stringContaining('usage') })
  expect(await command(['reset-password', 'ada@example.org'], 'two herons on the pier\n', DATA_DIR)).toMatchObject({ code: 0 })

  expect((await post('/auth/login', old)).status).toBe(401)
  expect((await post('/auth/refresh', { refresh_token: signedIn.refresh_token })).status).toBe(401)
  const again = (await (await post('/auth/login', { ...old, password: 'two herons on the pier' })).json()) as { access_token: string }
  const keys = (await (
    await fetch(`${service.url}/api/v1/api-keys`, { headers: { Authorization: `Bearer ${again.access_token}` } })
  ).json()) as { items: [] }
  expect(keys.items).toEqual([])
})
