// Files, pages and the document: compressed as clients want it, with an ETag for each form.
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { parseConfig } from '../../src/config.ts'
import { createDeps } from '../../src/deps.ts'
import { encodingFor } from '../../src/http/accept-encoding.ts'
import { readAssets } from '../../src/runtimes/node/assets.ts'
import { compression } from '../../src/runtimes/node/compression.ts'
import { openDefault } from '../support/databases.ts'

test.each([
  [undefined, undefined],
  ['', undefined],
  ['gzip', 'gzip'],
  ['GZIP', 'gzip'],
  ['x-gzip', 'gzip'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip, br;q=0.9', 'gzip'],
  ['br;q=0.2, gzip;q=0.3', 'gzip'],
  ['br;q=0.2,gzip;q=0.2', 'br'],
  ['gzip;q=0', undefined],
  ['gzip;q=0.000, br;q=0', undefined],
  ['gzip ; q = 0.5', 'gzip'],
  ['gzip;Q=0', undefined],
  ['*', 'br'],
  ['*;q=0.1, br;q=0', 'gzip'],
  ['gzip, *;q=0', 'gzip'],
  ['*;q=0', undefined],
  ['identity', undefined],
  ['identity, gzip;q=0.5', undefined],
  ['identity;q=0.5, gzip;q=0.5', 'gzip'],
  ['identity;q=0, br', 'br'],
  ['identity;q=0', undefined],
  ['deflate, zstd', undefined],
  ['gzip;q=2', undefined],
  ['gzip;q=much', undefined],
  [', ,br,', 'br'],
])('Accept-Encoding %o gets %o', (header, encoding) => {
  expect(encodingFor(header, ['br', 'gzip'])).toBe(encoding)
})

test('what is not offered is not chosen', () => {
  expect(encodingFor('br, gzip;q=0.1', ['gzip'])).toBe('gzip')
  expect(encodingFor('br, gzip', [])).toBeUndefined()
})

const serve = async (env: Record<string, string> = {}) => {
  const { db, close } = await openDefault()
  onTestFinished(close)
  const deps = await createDeps(parseConfig(env), { db, assets: readAssets(), compression })
  return createApp(deps)
}
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer())
const undo = { br: brotliDecompressSync, gzip: gunzipSync } as const

const PATHS = [
  '/docs',
  '/openapi.json',
  '/assets/page.css',
  '/assets/docs.js',
  '/assets/home.js',
  '/assets/sign-in.js',
  '/assets/swagger-ui.css',
  '/assets/swagger-ui-bundle.js',
]

test.each(PATHS)('%s has three forms, which are never taken for one another', async (path) => {
  const app = await serve()
  const plain = await app.request(path)
  const text = await bytesOf(plain)
  const tags = [plain.headers.get('ETag')]
  expect(plain.headers.get('Content-Encoding')).toBeNull()
  for (const encoding of ['br', 'gzip'] as const) {
    const ask = { headers: { 'Accept-Encoding': encoding } }
    const response = await app.request(path, ask)
    const bytes = await bytesOf(response)
    expect(undo[encoding](bytes).equals(text), encoding).toBe(true)
    expect(response.headers.get('Content-Encoding')).toBe(encoding)
    expect(response.headers.get('Content-Length')).toBe(String(bytes.byteLength))
    expect(response.headers.get('Content-Type')).toBe(plain.headers.get('Content-Type'))
    tags.push(response.headers.get('ETag'))
    const again = await app.request(path, ask)
    expect((await bytesOf(again)).byteLength, 'kept').toBe(bytes.byteLength)
    const head = await app.request(path, { ...ask, method: 'HEAD' })
    expect([head.status, (await bytesOf(head)).byteLength]).toEqual([200, 0])
    for (const name of ['ETag', 'Content-Encoding', 'Content-Length', 'Vary'])
      expect(head.headers.get(name), name).toBe(response.headers.get(name))
  }
  expect(new Set(tags).size).toBe(3)
  for (const tag of tags) expect(tag).toMatch(/^"[\w.]+"$/)
  for (const [i, tag] of tags.entries())
    for (const [j, encoding] of ['identity', 'br', 'gzip'].entries()) {
      const headers = { 'Accept-Encoding': encoding, 'If-None-Match': `"other", W/${tag}` }
      const response = await app.request(path, { headers })
      expect(response.status, `${tag} ${encoding}`).toBe(i === j ? 304 : 200)
      expect(response.headers.get('ETag')).toBe(tags[j])
      expect(response.headers.get('Vary')).toContain('Accept-Encoding')
      if (i === j) expect((await bytesOf(response)).byteLength).toBe(0)
    }
})

test('/docs and what it loads are a quarter of what they were', async () => {
  const app = await serve()
  const sizes = await Promise.all(
    PATHS.map(async (path) => {
      const response = await app.request(path, { headers: { 'Accept-Encoding': 'gzip, br' } })
      return (await bytesOf(response)).byteLength
    }),
  )
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(550_000)
})

test('the document varies by origin too, where some are named', async () => {
  const app = await serve({ CORS_ORIGINS: 'https://app.example.org' })
  const headers = { Origin: 'https://app.example.org', 'Accept-Encoding': 'br' }
  const response = await app.request('/openapi.json', { headers })
  expect(response.headers.get('Vary')).toBe('Origin, Accept-Encoding')
  expect(response.headers.get('Access-Control-Allow-Origin')).toBe('https://app.example.org')
})

test('what the API answers is not compressed', async () => {
  const app = await serve()
  for (const path of ['/status', '/ready', '/health', '/', '/api/v1/tasks', '/nothing']) {
    const response = await app.request(path, { headers: { 'Accept-Encoding': 'br, gzip' } })
    expect(response.headers.get('Content-Encoding'), path).toBeNull()
  }
})
