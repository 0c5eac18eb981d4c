import { expect, test } from 'vitest'
import type { Service } from '../service.ts'

/** What a browser and a platform see. */
export const pages = (service: () => Service): void => {
  test('the page, its documentation and what they load', async () => {
    for (const path of ['/', '/docs']) {
      const page = await fetch(`${service().url}${path}`, { headers: { Accept: 'text/html' } })
      const html = await page.text()
      expect([page.status, page.headers.get('Content-Type')], path).toEqual([
        200,
        'text/html; charset=utf-8',
      ])
      expect(page.headers.get('Content-Security-Policy')).toMatch(
        /^default-src 'none'; script-src 'self'; .*frame-ancestors 'self'/,
      )
      const files = [...html.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)].map(([, file]) => file)
      expect(files.length, html).toBeGreaterThan(0)
      for (const file of files) {
        const asset = await fetch(`${service().url}/${file}`)
        const { status, headers } = asset
        expect([status, headers.get('X-Content-Type-Options')], file).toEqual([200, 'nosniff'])
        expect(headers.get('Cache-Control'), file).toBe('public, max-age=3600')
        expect(headers.get('Content-Type')).toMatch(
          file?.endsWith('.css') ? /^text\/css/ : /^text\/javascript/,
        )
        expect((await asset.text()).length).toBeGreaterThan(100)
      }
    }
    const { status, body } = await service().anonymous.get('/', { Accept: 'application/json' })
    expect([status, body.name, body.links.api]).toEqual([200, 'Taskport', '/api/v1'])
    for (const [name, path] of Object.entries<string>(body.links)) {
      const { status } = await service().anonymous.get(path)
      expect(status, `the link ${name} leads somewhere`).toBe(200)
    }
    for (const name of ['nothing.css', 'home.ts'])
      expect((await service().anonymous.get(`/assets/${name}`)).status, name).toBe(404)
  })

  test('files and the document are compressed as the client wants it, each form with its ETag', async () => {
    // Workers see no Accept-Encoding of clients: their platform compresses what they answer.
    const byPlatform = (await service().anonymous.get('/status')).body.runtime === 'Workers'
    const paths = ['page.css', 'docs.js', 'swagger-ui-bundle.js'].map((name) => `/assets/${name}`)
    for (const path of [...paths, '/openapi.json', '/openapi-original.json', '/docs']) {
      const ask = (encoding: string, headers: Record<string, string> = {}, method = 'GET') =>
        fetch(`${service().url}${path}`, {
          method,
          headers: { 'Accept-Encoding': encoding, ...headers },
        })
      const plain = await ask('identity')
      const text = await plain.text()
      expect(plain.headers.get('Content-Encoding'), path).toBeNull()
      for (const wanted of ['gzip', 'br', 'br;q=0.5, gzip', 'identity']) {
        const answer = await ask(wanted)
        const about = `${path} ${wanted}`
        // fetch undoes the coding
        expect(await answer.text(), about).toBe(text)
        const [encoding, etag] = ['Content-Encoding', 'ETag'].map((name) =>
          answer.headers.get(name),
        )
        if (path.startsWith('/openapi') && wanted.endsWith('gzip')) expect(encoding).toBe('gzip')
        if (encoding) {
          expect(wanted, about).toContain(encoding)
          expect(answer.headers.get('Vary'), about).toMatch(/accept-encoding/i)
          if (!byPlatform) expect(etag, about).not.toBe(plain.headers.get('ETag'))
        }
        const again = await ask(wanted, { 'If-None-Match': etag ?? '' })
        expect([again.status, await again.text()], about).toEqual([304, ''])
        const head = await ask(wanted, {}, 'HEAD')
        expect([head.status, await head.text()], about).toEqual([200, ''])
        expect(head.headers.get('ETag'), about).toBe(etag)
        expect(head.headers.get('Content-Encoding'), about).toBe(encoding)
      }
    }
    const { headers } = await fetch(`${service().url}/status`, {
      headers: { 'Accept-Encoding': 'gzip, br' },
    })
    if (!byPlatform)
      expect(headers.get('Content-Encoding'), 'answers of the API are not').toBeNull()
  })

  test('what platforms ask is answered without a token, at once', async () => {
    const { anonymous, document } = service()
    const head = await anonymous.send('HEAD', '/')
    expect([head.status, head.text, head.headers.get('Content-Type')]).toEqual([
      200,
      '',
      'text/html; charset=utf-8',
    ])
    expect((await anonymous.get('/health')).body).toEqual({ status: 'ok' })
    expect((await anonymous.get('/ready')).body).toEqual({ status: 'ready' })
    const { body } = await anonymous.get('/status')
    expect(body).toMatchObject({
      name: 'Taskport',
      durability: { kind: expect.stringMatching(/^(durable|ephemeral)$/) },
    })
    expect(body.runtime).toMatch(/^\w+ ?[\d.]*$/)
    expect((await anonymous.get('/.well-known/jwks.json')).body.keys[0]).toMatchObject({
      kty: 'OKP',
      crv: 'Ed25519',
    })
    expect(document).toMatchObject({
      openapi: '3.1.0',
      paths: { '/api/v1/tasks': { get: { operationId: 'listTasks' } } },
    })
  })

  test('a page of another origin may ask', async () => {
    const preflight = await fetch(`${service().url}/api/v1/tasks`, {
      method: 'OPTIONS',
      headers: {
        Origin: 'https://app.example.org',
        'Access-Control-Request-Method': 'POST',
        'Access-Control-Request-Headers': 'authorization',
      },
    })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(preflight.headers.get('Access-Control-Allow-Headers')).toContain('Authorization')
    expect(preflight.headers.get('Access-Control-Allow-Methods')).toContain('PATCH')
    expect(preflight.headers.get('Access-Control-Allow-Credentials')).toBeNull()
    const refused = await service().anonymous.get('/api/v1/me', {
      Origin: 'https://app.example.org',
    })
    expect([refused.status, refused.headers.get('Access-Control-Allow-Origin')]).toEqual([401, '*'])
    expect(refused.headers.get('Access-Control-Expose-Headers')).toContain('ETag')
  })
}
