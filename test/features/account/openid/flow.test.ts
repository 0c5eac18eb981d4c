import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Browser, CLIENT_SECRET } from '../../../support/provider.ts'
import { createWorld, type World } from '../../../support/world.ts'
import {
  CALLBACK,
  comeBack,
  cookieOf,
  count,
  newVerifier,
  pass,
  provider,
  recordLog,
  redeem,
  start,
  titleOf,
  useProvider,
} from './browser.ts'

useProvider()

describe('a sign-in', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ env: provider.env })
  })
  afterAll(() => world.close())

  test('takes a browser to the provider with state, nonce and PKCE, and binds it by the one cookie', async () => {
    const response = await start(world, newVerifier())
    const url = new URL(response.headers.get('Location') as string)
    expect(url.origin).toBe(provider.url)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: 'taskport',
      scope: 'openid profile',
      redirect_uri: `http://localhost:7860${CALLBACK}`,
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    })
    const [cookie, ...others] = response.headers.getSetCookie()
    expect(others).toEqual([])
    expect(cookie).toMatch(
      /^__Host-taskport-sign-in=enc:[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
    )
    for (const secret of [url.searchParams.get('state') as string, CLIENT_SECRET])
      expect(cookie).not.toContain(secret)
    expect([
      response.headers.get('Cache-Control'),
      response.headers.get('Referrer-Policy'),
    ]).toEqual(['no-store', 'no-referrer'])
  })

  test('without a challenge, or with more than it takes, leads nowhere', async () => {
    for (const query of [
      '',
      '?challenge=',
      '?challenge=short',
      `?challenge=${'x'.repeat(43)}&redirect_uri=https://evil.example`,
      `?challenge=${'x'.repeat(43)}&purpose=steal`,
    ]) {
      const response = await world.fetch(`/auth/openid/start${query}`)
      expect([response.status, response.headers.get('Location')], query).toEqual([422, null])
    }
  })

  test('ends with a page that nobody frames, keeps or is told of, and forgets the cookie', async () => {
    const { response, text, code, back } = await pass(world, 'ann')
    expect(response.status).toBe(200)
    expect(code).toMatch(/^[\w-]{43}$/)
    expect(response.headers.get('Content-Security-Policy')).toContain("frame-ancestors 'none'")
    expect(response.headers.get('Content-Security-Policy')).toContain("script-src 'self'")
    expect([
      response.headers.get('Cache-Control'),
      response.headers.get('Referrer-Policy'),
    ]).toEqual(['no-store', 'no-referrer'])
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-taskport-sign-in=; .*Max-Age=0$/),
    ])
    expect(text).toContain('ann of the provider')
    for (const secret of [back.searchParams.get('code') as string, CLIENT_SECRET])
      expect(text).not.toContain(secret)
  })

  const refused = (
    name: string,
    attack: () => Promise<{ response: Response; text: string }>,
    status = 400,
  ) =>
    test(`${name} gets a page that says so, and nothing happens`, async () => {
      expect((await pass(world, 'ann')).response.status, 'what is not an attack').toBe(200)
      const before = await count(world, 'sign_in_codes')
      const { response, text } = await attack()
      expect([response.status, response.headers.get('Content-Type')]).toEqual([
        status,
        'text/html; charset=utf-8',
      ])
      expect(titleOf(text)).toBeTruthy()
      expect(text).not.toContain('id="code"')
      expect(await count(world, 'sign_in_codes')).toBe(before)
    })
  const begun = async () => {
    const verifier = newVerifier()
    const began = await start(world, verifier)
    const back = await new Browser().signIn(began.headers.get('Location') as string, 'mia')
    return { verifier, back, cookie: cookieOf(began) }
  }
  const altered = (url: URL, name: string, value: string) => {
    const changed = new URL(url)
    changed.searchParams.set(name, value)
    return changed
  }

  refused('an answer in a browser without the cookie', async () =>
    comeBack(world, (await begun()).back, ''),
  )
  refused('an answer in the browser of somebody else, who began a sign-in too', async () => {
    const [attacker, victim] = [await begun(), await begun()]
    return comeBack(world, attacker.back, victim.cookie)
  })
  refused("the provider's code of somebody else", async () => {
    const [attacker, victim] = [await begun(), await begun()]
    return comeBack(
      world,
      altered(victim.back, 'code', attacker.back.searchParams.get('code') as string),
      victim.cookie,
    )
  })
  refused('an answer that was used before', async () => {
    const { verifier, back, cookie } = await begun()
    const { code } = await comeBack(world, back, cookie)
    expect((await redeem(world, { code, verifier })).status).toBe(200)
    return comeBack(world, back, cookie)
  })
  refused('an answer after ten minutes', async () => {
    const { back, cookie } = await begun()
    world.clock.advance(600_000)
    return comeBack(world, back, cookie)
  })
  refused('a forged state', async () => {
    const { back, cookie } = await begun()
    return comeBack(world, altered(back, 'state', 'x'.repeat(43)), cookie)
  })
  refused('a forged code', async () => {
    const { back, cookie } = await begun()
    return comeBack(world, altered(back, 'code', 'x'.repeat(43)), cookie)
  })
  refused('an answer of another issuer', async () => {
    const { back, cookie } = await begun()
    return comeBack(world, altered(back, 'iss', 'https://evil.example'), cookie)
  })
  refused('a cookie that was not sealed here', async () => {
    const { back, cookie } = await begun()
    const plain = JSON.stringify({
      state: back.searchParams.get('state'),
      nonce: 'n',
      verifier: 'v',
      challenge: 'c',
      until: 9e15,
    })
    await comeBack(world, back, `${cookie.split('=')[0]}=${encodeURIComponent(plain)}`)
    const other = await createWorld({ env: provider.env })
    onTestFinished(() => other.close())
    return comeBack(world, back, cookieOf(await start(other, newVerifier())))
  })
  refused('no answer at all', async () =>
    comeBack(world, new URL('http://localhost/'), (await begun()).cookie),
  )
  refused(
    'whoever says no to the provider',
    async () => {
      const began = await start(world, newVerifier())
      const back = await new Browser().signIn(began.headers.get('Location') as string, 'mia', false)
      expect(back.searchParams.get('error')).toBe('access_denied')
      return comeBack(world, back, cookieOf(began))
    },
    403,
  )

  for (const error of ['server_error', 'temporarily_unavailable'])
    refused(`an answer that says ${error}`, async () => {
      const { back, cookie } = await begun()
      back.searchParams.delete('code')
      return comeBack(world, altered(back, 'error', error), cookie)
    })

  test('another process of the same database finishes what one began', async () => {
    const { db } = world.deps
    const other = await createWorld({
      env: provider.env,
      clock: world.clock,
      open: async () => ({ db, close: async () => {} }),
    })
    const began = await start(world, newVerifier())
    const back = await new Browser().signIn(began.headers.get('Location') as string, 'nat')
    expect((await comeBack(other, back, cookieOf(began))).response.status).toBe(200)
  })

  test('every word of hostile queries and cookies gets a page', async () => {
    const words = [
      '',
      '\u0000',
      'x'.repeat(5_000),
      'enc:',
      'enc:AAAA',
      '%',
      '%ff',
      '<script>',
      'a&a',
      '[]',
    ]
    for (const word of words) {
      const text = encodeURIComponent(word)
      for (const query of [
        `?state=${text}`,
        `?code=${text}&state=${text}`,
        `?error=${text}`,
        `?state=x&state=${text}`,
        `?response=${text}&iss=${text}`,
      ]) {
        const response = await world.fetch(CALLBACK + query, {
          headers: { Cookie: (await begun()).cookie },
        })
        expect([response.status, response.headers.get('Content-Type')], query).toEqual([
          400,
          'text/html; charset=utf-8',
        ])
      }
      const { response } = await comeBack(
        world,
        (await begun()).back,
        `__Host-taskport-sign-in=${text}`,
      )
      expect(response.status).toBe(400)
    }
  })
})

test('nothing of a sign-in is in the log', async () => {
  const { log, lines } = recordLog()
  const world = await createWorld({ env: provider.env, log })
  onTestFinished(() => world.close())
  const passed = await pass(world, 'ann')
  const { body } = await redeem(world, passed)
  const again = await comeBack(world, passed.back, passed.cookie)
  expect(again.response.status).toBe(400)
  const said = lines.join('\n')
  expect(said).toContain('redeemCode')
  expect(said).toContain('a sign-in with the OpenID provider failed')
  const { code, verifier, cookie, back } = passed
  const secrets = [
    code,
    verifier,
    cookie.split('=')[1] as string,
    back.searchParams.get('code') as string,
    back.searchParams.get('state') as string,
  ]
  for (const secret of [...secrets, CLIENT_SECRET, body.access_token, body.refresh_token])
    expect(said).not.toContain(secret)
})
