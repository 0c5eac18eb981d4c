// Signing in with an OpenID provider, end to end, with a real one.
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
} from 'vitest'
import { systemClock } from '../../../src/core/clock.ts'
import { createLog } from '../../../src/core/log.ts'
import { randomText, s256 } from '../../../src/core/secrets.ts'
import { rawQuery } from '../../../src/db/statement.ts'
import { findOrCreateUser } from '../../../src/features/account/users.ts'
import { describeEachDatabase, openDefault } from '../../support/databases.ts'
import { maintainFor } from '../../support/maintenance.ts'
import {
  Browser,
  CLIENT_SECRET,
  type ProviderServer,
  startProvider,
} from '../../support/provider.ts'
import { type Client, createWorld, type User, type World } from '../../support/world.ts'

const CALLBACK = '/auth/openid/callback'
let provider: ProviderServer
beforeAll(async () => {
  provider = await startProvider(`http://localhost:7860${CALLBACK}`)
})
afterAll(() => provider.stop())
afterEach(() => {
  provider.instead = undefined
})

const newVerifier = () => randomText()
const cookieOf = (response: Response): string =>
  response.headers.getSetCookie()[0]?.split(';')[0] ?? ''

/** Begins a sign-in, as a browser does. */
const start = async (world: World, verifier: string, more = '') =>
  world.fetch(`/auth/openid/start?challenge=${await s256(verifier)}${more}`)
/** Comes back from the provider: the page, its text and the code on it. */
const comeBack = async (world: World, { search }: URL, cookie: string) => {
  const response = await world.fetch(CALLBACK + search, { headers: { Cookie: cookie } })
  const text = await response.text()
  return { response, text, code: /<code id="code">([^<]*)<\/code>/.exec(text)?.[1] ?? '' }
}
/** All of it up to the page with the code. */
const pass = async (
  world: World,
  login: string,
  { verifier = newVerifier(), more = '', browser = new Browser() } = {},
) => {
  const began = await start(world, verifier, more)
  expect(began.status, await began.clone().text()).toBe(302)
  const back = await browser.signIn(began.headers.get('Location') as string, login)
  return {
    verifier,
    back,
    cookie: cookieOf(began),
    ...(await comeBack(world, back, cookieOf(began))),
  }
}
const redeem = (
  world: World,
  redemption: { code: string; verifier: string },
  client: Client = world.anonymous,
) =>
  client.post('/api/v1/auth/openid/redeem', {
    code: redemption.code,
    verifier: redemption.verifier,
  })
const signIn = async (world: World, login: string) => {
  const { status, body } = await redeem(world, await pass(world, login))
  expect(status, JSON.stringify(body)).toBe(200)
  return {
    ...world.client(body.access_token),
    id: body.user.id as string,
    user: body.user,
    refreshToken: body.refresh_token as string,
  }
}
type Redemption = { readonly code: string; readonly verifier: string }
const only = ({ code, verifier }: Redemption): Redemption => ({ code, verifier })
/** What proves that whoever is `login` at the provider has just been there. */
const proofOf = async (world: World, login: string) =>
  only(await pass(world, login, { more: '&purpose=prove' }))
const link = async (world: World, user: Client, login: string, proof: object) =>
  user.post('/api/v1/me/identities', {
    ...only(await pass(world, login, { more: '&purpose=link' })),
    proof,
  })
const unlink = (user: Client, id: string, proof: object) =>
  user.send('DELETE', `/api/v1/me/identities/${id}`, proof)
type Linked = { readonly id: string; readonly subject: string }
const identitiesOf = async (user: Client): Promise<Linked[]> =>
  (await user.get('/api/v1/me/identities')).body.items
const count = async ({ deps }: World, table: string) =>
  Number((await deps.db.one(rawQuery<{ n: number }>(`select count(*) from ${table}`, ['n'])))?.n)
const titleOf = (page: string) => /<h1>([^<]*)<\/h1>/.exec(page)?.[1]

describeEachDatabase('signing in with a provider', (open) => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ open, env: provider.env })
  })
  afterAll(() => world.close())

  test('makes an account at the first time and finds it at the next; its session is like any other', async () => {
    const ann = await signIn(world, 'ann')
    expect(ann.user).toMatchObject({ name: 'ann of the provider', email: null, time_zone: 'UTC' })
    expect((await ann.get('/api/v1/me')).body).toMatchObject({ ...ann.user, running: [] })
    expect((await ann.post('/api/v1/tasks', { title: 'Sweep' })).status).toBe(201)
    expect(
      (await ann.post('/api/v1/api-keys', { name: 'Phone', scopes: ['tasks:read'] })).status,
    ).toBe(201)
    expect((await ann.get(`/api/${ann.id}/tasks`)).body).toHaveLength(1)
    expect((await ann.get('/api/v1/auth/sessions')).body.items).toMatchObject([{ current: true }])
    expect(
      (await world.anonymous.post('/api/v1/auth/refresh', { refresh_token: ann.refreshToken }))
        .status,
    ).toBe(200)
    const again = await signIn(world, 'ann')
    expect(again.id).toBe(ann.id)
    expect((await again.get('/api/v1/tasks')).body.items).toHaveLength(1)
    const [identity] = (await again.get('/api/v1/me/identities')).body.items
    expect(identity).toMatchObject({ issuer: provider.url, subject: 'ann' })
    expect(identity.last_used_at > identity.created_at).toBe(true)
    expect((await signIn(world, 'nameless')).user.name).toBe('')
    expect((await signIn(world, 'bob')).id).not.toBe(ann.id)
  })

  test('an address of the same name is somebody else', async () => {
    const cleo = await world.register('Cleo')
    expect((await signIn(world, 'Cleo')).id).not.toBe(cleo.id)
  })

  test('a code is good once: of ten at once one gets in', async () => {
    const passed = await pass(world, 'dan')
    const sessions = await count(world, 'sessions')
    const answers = await Promise.all(Array.from({ length: 10 }, () => redeem(world, passed)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(422)])
    expect(await count(world, 'sessions')).toBe(sessions + 1)
    expect((await redeem(world, passed)).body.errors).toMatchObject([
      { pointer: '/code', code: 'unknown' },
    ])
  })

  test('two codes of somebody new at once make one account', async () => {
    const passed = await Promise.all([pass(world, 'eve'), pass(world, 'eve'), pass(world, 'eve')])
    const answers = await Promise.all(passed.map((one) => redeem(world, one)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(new Set(answers.map(({ body }) => body.user.id)).size).toBe(1)
  })

  test('a wrong verifier burns the code, and the answer is the same for every bad code', async () => {
    const [passed, late] = [await pass(world, 'fay'), await pass(world, 'fay')]
    const wrong = await redeem(world, { ...passed, verifier: newVerifier() })
    const burnt = await redeem(world, passed)
    const unknown = await redeem(world, { ...passed, code: randomText() })
    world.clock.advance(120_000)
    const expired = await redeem(world, late)
    for (const { status, body } of [wrong, burnt, unknown, expired])
      expect([status, body.code, body.detail]).toEqual([422, 'invalid', wrong.body.detail])
    expect((await signIn(world, 'fay')).user.name).toBe('fay of the provider')
  })

  test('codes that expired go, and the database never held one', async () => {
    const { code } = await pass(world, 'gus')
    const stored = await world.deps.db.all(
      rawQuery<{ hash: string }>('select hash from sign_in_codes', ['hash']),
    )
    expect(stored.length).toBeGreaterThan(0)
    expect(JSON.stringify(stored)).not.toContain(code)
    world.clock.advance(121_000)
    await maintainFor(world)
    expect(await count(world, 'sign_in_codes')).toBe(0)
  })

  describe('identities', () => {
    let hal: User
    let password: string
    beforeEach(async () => {
      hal = await world.register(`Hal${crypto.randomUUID().slice(0, 8)}`)
      password = hal.password
    })

    test('are linked by the owner of the account, and sign in to it', async () => {
      const login = `hal-${hal.id}`
      const { status, body, headers } = await link(world, hal, login, { password })
      expect([status, body.subject, headers.get('Location')]).toEqual([
        201,
        login,
        `/api/v1/me/identities/${body.id}`,
      ])
      expect((await hal.get(`/api/v1/me/identities/${body.id}`)).body).toEqual(body)
      expect((await link(world, hal, login, { password })).body, 'again is the same').toMatchObject(
        { id: body.id },
      )
      expect((await signIn(world, login)).id).toBe(hal.id)
      const other = await world.register(`Ida${hal.id}`)
      expect((await link(world, other, login, { password: other.password })).body).toMatchObject({
        status: 409,
        code: 'identity_taken',
      })
      expect((await signIn(world, login)).id).toBe(hal.id)
      expect((await unlink(hal, body.id, { password })).status).toBe(204)
      expect((await signIn(world, login)).id, 'now it is nobody').not.toBe(hal.id)
      expect((await hal.delete('/api/v1/me', {})).status).toBe(422)
    })

    test('of several who link one at once, one gets it', async () => {
      const others = await Promise.all([1, 2, 3].map((i) => world.register(`Jo${i}${hal.id}`)))
      const login = `race-${hal.id}`
      const codes = await Promise.all(
        others.map(() => pass(world, login, { more: '&purpose=link' })),
      )
      const answers = await Promise.all(
        others.map((user, i) =>
          user.post('/api/v1/me/identities', {
            ...only(codes[i] as Redemption),
            proof: { password: user.password },
          }),
        ),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409])
    })

    test('the last way to sign in stays, also when two go at once', async () => {
      const login = `kim-${hal.id}`
      const kim = await signIn(world, login)
      const [{ id }] = (await identitiesOf(kim)) as [Linked]
      expect((await unlink(kim, id, await proofOf(world, login))).body).toMatchObject({
        status: 409,
        code: 'last_sign_in',
      })
      const { body: second } = await link(world, kim, `${login}-2`, await proofOf(world, login))
      const proofs = [await proofOf(world, login), await proofOf(world, `${login}-2`)]
      const answers = await Promise.all(
        [id, second.id].map((one, i) => unlink(kim, one, proofs[i] as Redemption)),
      )
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
      expect(await identitiesOf(kim)).toHaveLength(1)
    })

    test('an account without a password is deleted with a sign-in of its own, and with no other', async () => {
      const login = `lea-${hal.id}`
      const lea = await signIn(world, login)
      const [foreign, own] = [await proofOf(world, `not-${login}`), await proofOf(world, login)]
      for (const body of [
        { password: 'x' },
        {},
        { code: own.code },
        { ...own, password: 'x' },
        { ...own, code: randomText() },
        foreign,
      ])
        expect((await lea.send('DELETE', '/api/v1/me', body)).status, JSON.stringify(body)).toBe(
          422,
        )
      expect((await lea.get('/api/v1/me')).status).toBe(200)
      expect((await lea.send('DELETE', '/api/v1/me', own)).status).toBe(204)
      expect((await lea.get('/api/v1/me')).status).toBe(401)
      const anew = await signIn(world, login)
      expect(anew.id).not.toBe(lea.id)
    })

    test('are linked and unlinked by nobody who has only an access token', async () => {
      const login = `max-${hal.id}`
      const [max, thief] = [await signIn(world, login), `thief-${hal.id}`]
      const [{ id }] = (await identitiesOf(max)) as [Linked]
      const foreign = () => proofOf(world, thief)
      for (const proof of [undefined, {}, { password: 'x' }, await foreign()])
        expect((await link(world, max, thief, proof as object)).status, JSON.stringify(proof)).toBe(
          422,
        )
      expect((await link(world, max, thief, await foreign())).body.errors).toMatchObject([
        { pointer: '/proof/code', code: 'other_user' },
      ])
      for (const proof of [undefined, {}, { password: 'x' }, await foreign()])
        expect((await unlink(max, id, proof as object)).status, JSON.stringify(proof)).toBe(422)
      expect((await identitiesOf(max)).map(({ subject }) => subject)).toEqual([login])
      expect((await signIn(world, thief)).id).not.toBe(max.id)
      expect((await link(world, hal, login, { password: 'wrong' })).body.errors).toMatchObject([
        { pointer: '/proof/password', code: 'wrong' },
      ])
    })

    test('stand in for no password where the account has one', async () => {
      const login = `ned-${hal.id}`
      const { body } = await link(world, hal, login, { password })
      const required = { pointer: expect.stringMatching(/password$/), code: 'required' }
      expect(
        (await hal.send('DELETE', '/api/v1/me', await proofOf(world, login))).body.errors,
      ).toMatchObject([required])
      expect((await unlink(hal, body.id, await proofOf(world, login))).body.errors).toMatchObject([
        required,
      ])
      expect(
        (await link(world, hal, `${login}-2`, await proofOf(world, login))).body.errors,
      ).toMatchObject([required])
      expect(await identitiesOf(hal)).toHaveLength(1)
    })

    test('a code is good for the purpose that its sign-in was begun for, and for no other', async () => {
      const login = `ola-${hal.id}`
      const ola = await signIn(world, login)
      const codeFor = async (purpose: string) =>
        only(await pass(world, login, { more: `&purpose=${purpose}` }))
      for (const purpose of ['link', 'prove'])
        expect((await redeem(world, await codeFor(purpose))).body.errors, purpose).toMatchObject([
          { pointer: '/code', code: 'unknown' },
        ])
      for (const purpose of ['sign-in', 'link'])
        expect(
          (await ola.send('DELETE', '/api/v1/me', await codeFor(purpose))).status,
          purpose,
        ).toBe(422)
      for (const purpose of ['sign-in', 'prove']) {
        const proof = await codeFor('prove')
        const { status } = await ola.post('/api/v1/me/identities', {
          ...(await codeFor(purpose)),
          proof,
        })
        expect(status, purpose).toBe(422)
        expect(
          (await ola.post('/api/v1/me/identities', { ...(await codeFor('link')), proof })).status,
          'the proof was not spent',
        ).toBe(201)
      }
    })
  })
})

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

const recordLog = () => {
  const lines: string[] = []
  return { lines, log: createLog('debug', (line) => lines.push(line), systemClock) }
}

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

test('closed registration lets in only whom there is an account for', async () => {
  const { db, close } = await openDefault()
  onTestFinished(close)
  const opened = { db, close: async () => {} }
  const before = await createWorld({ env: provider.env, open: async () => opened })
  const ann = await signIn(before, 'ann')
  const olga = await before.register('Olga')
  const world = await createWorld({
    env: { ...provider.env, REGISTRATION: 'closed' },
    clock: before.clock,
    open: async () => opened,
  })
  expect((await signIn(world, 'ann')).id).toBe(ann.id)
  const stranger = await pass(world, 'stranger')
  expect([stranger.response.status, titleOf(stranger.text), stranger.code]).toEqual([
    403,
    'No new accounts',
    '',
  ])
  const earlier = await pass(before, 'stranger')
  expect((await redeem(world, earlier)).body).toMatchObject({
    status: 403,
    code: 'registration_closed',
  })
  expect(
    (await link(world, world.client(olga.token), 'stranger', { password: olga.password })).status,
  ).toBe(201)
  expect((await signIn(world, 'stranger')).id).toBe(olga.id)
})

describe('whom tokens of the same issuer made a user', () => {
  const ISSUER = { AUTH_JWKS_URL: 'http://127.0.0.1:9/keys', AUTH_AUDIENCE: 'them' }
  const seen = (world: World, subject: string) =>
    findOrCreateUser(
      { ...world.deps, quotas: world.deps.config.quotas },
      { issuer: provider.url, subject, name: subject, expiresAt: 0 },
    )
  const open = async (env: Record<string, string> = {}) => {
    const world = await createWorld({
      env: { ...provider.env, ...ISSUER, AUTH_ISSUER: provider.url, ...env },
    })
    onTestFinished(() => world.close())
    return world
  }

  test('is that user', async () => {
    const world = await open()
    const id = await seen(world, 'pia')
    expect((await signIn(world, 'pia')).id).toBe(id)
    const quin = await signIn(world, 'quin')
    expect(await seen(world, 'quin'), 'and the other way round').toBe(quin.id)
  })

  test('is somebody else where those tokens name users by another claim', async () => {
    const world = await open({ AUTH_ISSUER: 'https://tenant.example', AUTH_SUBJECT_CLAIM: 'oid' })
    const id = await seen(world, 'rob')
    expect((await signIn(world, 'rob')).id).not.toBe(id)
    const sue = await signIn(world, 'sue')
    expect(await seen(world, 'sue')).not.toBe(sue.id)
  })

  test('is that user no more once the identity is unlinked, neither by sign-in nor by token', async () => {
    const world = await open()
    for (const [login, meet] of [
      ['tom', () => seen(world, 'tom')],
      ['ute', async () => (await signIn(world, 'ute')).id],
    ] as const) {
      const id = await meet()
      const user = await signIn(world, login)
      expect(user.id).toBe(id)
      expect((await link(world, user, `${login}-2`, await proofOf(world, login))).status).toBe(201)
      const [own] = (await identitiesOf(user)) as [Linked]
      expect(own.subject).toBe(login)
      expect((await unlink(user, own.id, await proofOf(world, `${login}-2`))).status).toBe(204)
      expect(
        world.deps.identity.authenticate(user.token),
        'no credential is remembered',
      ).toBeInstanceOf(Promise)
      expect((await signIn(world, `${login}-2`)).id).toBe(id)
      const stranger = await seen(world, login)
      expect(stranger).not.toBe(id)
      expect((await signIn(world, login)).id).toBe(stranger)
    }
  })
})

test('attempts are counted per address', async () => {
  const world = await createWorld({
    env: { ...provider.env, RATE_LIMIT: 'on', RATE_LIMIT_PER_USER: '2' },
  })
  onTestFinished(() => world.close())
  const attempts = []
  for (let i = 0; i < 11; i++)
    attempts.push((await redeem(world, { code: randomText(), verifier: newVerifier() })).status)
  expect(attempts).toEqual([...Array(10).fill(422), 429])
  const starts = [
    await start(world, newVerifier()),
    await start(world, newVerifier()),
    await start(world, newVerifier()),
  ]
  expect(starts.map(({ status }) => status)).toEqual([302, 302, 429])
  expect(starts[2]?.headers.get('Retry-After')).toMatch(/^\d+$/)
})

test('answers of the provider are counted per address before it is asked', async () => {
  const world = await createWorld({
    env: { ...provider.env, RATE_LIMIT: 'on', RATE_LIMIT_SIGN_IN_PER_ADDRESS: '3' },
  })
  onTestFinished(() => world.close())
  const began = await start(world, newVerifier())
  const { searchParams } = new URL(began.headers.get('Location') as string)
  const back = new URL(
    `http://localhost/?${new URLSearchParams({ state: searchParams.get('state') as string, iss: provider.url })}`,
  )
  let asked = 0
  provider.instead = (_, response) => {
    asked++
    response
      .writeHead(400, { 'Content-Type': 'application/json' })
      .end('{"error": "invalid_grant"}')
  }
  const statuses = []
  for (const code of ['a', 'b', 'c', 'd']) {
    back.searchParams.set('code', code)
    statuses.push((await comeBack(world, back, cookieOf(began))).response.status)
  }
  expect([statuses, asked]).toEqual([[400, 400, 400, 429], 3])
})

test('proofs are counted per user, whatever they are for', async () => {
  const world = await createWorld({ env: { ...provider.env, RATE_LIMIT: 'on' } })
  onTestFinished(() => world.close())
  const [uma, link, password] = [
    await world.register('Uma'),
    { code: randomText(), verifier: newVerifier() },
    'wrong',
  ]
  const attempts = []
  for (let i = 0; i < 5; i++) {
    attempts.push(
      (await uma.post('/api/v1/me/identities', { ...link, proof: { password } })).status,
    )
    attempts.push((await uma.send('DELETE', '/api/v1/me', { password })).status)
  }
  expect(attempts).toEqual(Array(10).fill(422))
  expect((await unlink(uma, crypto.randomUUID(), { password: uma.password })).status).toBe(429)
})

test('where it is not set up there is nothing, and the page offers nothing', async () => {
  const [world, other] = [await createWorld(), await createWorld({ env: provider.env })]
  onTestFinished(() => world.close())
  onTestFinished(() => other.close())
  for (const path of ['/auth/openid/start', CALLBACK])
    expect((await world.anonymous.get(path)).body).toMatchObject({
      status: 404,
      code: 'not_a_route',
    })
  expect((await world.anonymous.get('/')).text).not.toContain('Sign in with')
  expect((await world.anonymous.get('/status')).body.sign_in).toEqual({
    registration: 'open',
    openid: null,
  })
  expect((await other.anonymous.get('/')).text).toContain(
    `Sign in with ${new URL(provider.url).host}`,
  )
  expect((await other.anonymous.get('/status')).body.sign_in.openid).toBe(
    new URL(provider.url).host,
  )
})
