import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { randomText } from '../../../../src/core/secrets.ts'
import { rawQuery } from '../../../../src/db/statement.ts'
import { describeEachDatabase } from '../../../support/databases.ts'
import { maintainFor } from '../../../support/maintenance.ts'
import { createWorld, type User, type World } from '../../../support/world.ts'
import {
  count,
  identitiesOf,
  type Linked,
  link,
  newVerifier,
  only,
  pass,
  proofOf,
  provider,
  type Redemption,
  redeem,
  signIn,
  unlink,
  useProvider,
} from './browser.ts'

useProvider()

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
