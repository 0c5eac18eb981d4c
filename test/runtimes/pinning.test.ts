// On each runtime a webhook goes to the address that was checked, under the name of its URL, past
// every proxy of the environment.
import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { run, temporaryFolder } from '../support/process.ts'
import { findCommand } from '../support/servers/process.ts'

const openssl = findCommand('openssl')
const PROGRAM = 'test/runtimes/pinning-endpoint.ts'
const NOWHERE = 'http://127.0.0.1:9'
const proxies = {
  HTTPS_PROXY: NOWHERE,
  https_proxy: NOWHERE,
  HTTP_PROXY: NOWHERE,
  ALL_PROXY: NOWHERE,
}

test.skipIf(!openssl).each([
  ['Node', process.execPath, []],
  ['Bun', 'bun', []],
  ['Deno', 'deno', ['run', '--allow-all']],
])('%s connects to the address that was checked', async (_name, command, args) => {
  const folder = temporaryFolder()
  const subject = ['-subj', '/CN=hooks.test', '-addext', 'subjectAltName=DNS:hooks.test']
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject]
  const files = ['-keyout', 'key.pem', '-out', 'cert.pem']
  execFileSync(openssl ?? 'openssl', [...made, ...files], { cwd: folder, stdio: 'ignore' })
  const { exit, out, err } = run(command, [...args, PROGRAM, folder], proxies)
  expect(await exit, err()).toBe(0)
  const { pinned, redirected, otherName, unlisted, asked, seen, port } = JSON.parse(out())
  expect(pinned).toEqual({ status: 200, retryAfter: null, text: 'fine' })
  expect(redirected).toMatchObject({ status: 302 })
  expect(otherName).toContain('its certificate is not accepted')
  expect(unlisted).toBe('its host has an address that is not of the public internet')
  const host = `hooks.test:${port}`
  expect(seen).toEqual([
    { host, name: 'hooks.test', path: '/in' },
    { host, name: 'hooks.test', path: '/redirect' },
  ])
  expect(asked).toBe(4)
})
