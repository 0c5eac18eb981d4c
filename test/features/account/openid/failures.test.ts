import { describe, expect, onTestFinished, test } from 'vitest'
import { Browser, type ProviderServer } from '../../../support/provider.ts'
import { createWorld } from '../../../support/world.ts'
import {
  comeBack,
  cookieOf,
  newVerifier,
  provider,
  recordLog,
  signIn,
  start,
  titleOf,
  useProvider,
} from './browser.ts'

useProvider()

/** An answer of the provider, or that there was none, stands for so long. */
const REMEMBERED_MS = 5_000

describe('a provider that is down', () => {
  test('is asked again at the next sign-in, and the service runs meanwhile', async () => {
    await provider.stop()
    const { log, lines } = recordLog()
    const world = await createWorld({ env: provider.env, log })
    onTestFinished(() => world.close())
    const refused = await start(world, newVerifier())
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '10'])
    expect(titleOf(await refused.text())).toMatch(/cannot be reached/)
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        message: 'the OpenID provider cannot be used',
        code: 'ECONNREFUSED',
      }),
    )
    expect((await world.register('Ann')).id).toBeTruthy()
    await provider.start()
    world.clock.advance(REMEMBERED_MS)
    expect((await signIn(world, 'ann')).user.name).toBe('ann of the provider')
  })

  test('between the two halves of a sign-in is as clear', async () => {
    const world = await createWorld({ env: provider.env })
    onTestFinished(() => world.close())
    const began = await start(world, newVerifier())
    const back = await new Browser().signIn(began.headers.get('Location') as string, 'ann')
    await provider.stop()
    const { response } = await comeBack(world, back, cookieOf(began))
    await provider.start()
    expect([response.status, response.headers.get('Retry-After')]).toEqual([503, '10'])
  })

  test('or broken, or sends elsewhere, or never answers, is one that cannot be reached', async () => {
    const world = await createWorld({ env: provider.env })
    onTestFinished(() => world.close())
    const answers: ProviderServer['instead'][] = [
      (_, response) => response.writeHead(500).end('no'),
      (_, response) =>
        response
          .writeHead(200, { 'Content-Type': 'application/json' })
          .end('{"issuer": "https://evil.example"}'),
      (_, response) => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{'),
      (request, response) =>
        response.writeHead(302, { Location: `${provider.url}/elsewhere${request.url}` }).end(),
      () => {},
    ]
    for (const answer of answers) {
      provider.instead = answer
      world.clock.advance(REMEMBERED_MS)
      const response = await start(world, newVerifier())
      expect([response.status, response.headers.get('Location')]).toEqual([503, null])
    }
  })

  test('is asked once by a hundred who begin at the same moment, and again only after some seconds', async () => {
    const world = await createWorld({ env: provider.env })
    onTestFinished(() => world.close())
    let asked = 0
    provider.instead = (request) => {
      asked++
      request.socket.destroy()
    }
    const hundred = () =>
      Promise.all(Array.from({ length: 100 }, () => start(world, newVerifier())))
    for (const { status } of [...(await hundred()), ...(await hundred())]) expect(status).toBe(503)
    expect(asked).toBe(1)
    world.clock.advance(REMEMBERED_MS)
    provider.instead = undefined
    expect((await start(world, newVerifier())).status).toBe(302)
  })

  test('is known for an hour', async () => {
    const world = await createWorld({ env: provider.env })
    onTestFinished(() => world.close())
    expect((await start(world, newVerifier())).status).toBe(302)
    provider.instead = (_, response) => response.writeHead(500).end()
    expect((await start(world, newVerifier())).status).toBe(302)
    world.clock.advance(3_600_000)
    expect((await start(world, newVerifier())).status).toBe(503)
  })
})
