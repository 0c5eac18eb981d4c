// Which account a token with the shared secret reaches: the same one for ever, and never that of
// another user.
import { type JWTPayload, SignJWT } from 'jose'
import { beforeEach, expect, test } from 'vitest'
import type { Credentials } from '../../../../src/features/account/credentials/credentials.ts'
import { clock, describeIdentity, process, refused, SECRET, signUp } from './service.ts'

const sign = (claims: Readonly<Record<string, unknown>>) =>
  new SignJWT({ exp: clock.now() / 1000 + 3600, ...claims } as JWTPayload)
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(SECRET))

const ADDRESS = 'ada@example.org'
/** What may be taken for that address, or was registered beside it at another backend. */
const lookalikes = [
  'ADA@EXAMPLE.ORG',
  'Ada@example.org',
  'ada@example.org.',
  'ada@exa\u0301mple.org',
  'ada@ex\u00e1mple.org',
  '\uff41\uff44\uff41@example.org',
  'ada\uff20example.org',
  'ada\u200b@example.org',
  '\u0430da@example.org',
]

describeIdentity(() => {
  let shared: Credentials
  beforeEach(async () => {
    shared = await process({ sharedSecret: SECRET })
  })
  const reached = async (claims: Readonly<Record<string, unknown>>, by = shared) =>
    (await by.authenticate(await sign(claims))).userId
  const refusedClaims = async (claims: Readonly<Record<string, unknown>>, by = shared) =>
    refused(await sign(claims), by)

  test('an address in sub beside an id is one user, whatever the claim is called', async () => {
    const ada = await reached({ user_id: 7, sub: ADDRESS, email: ADDRESS })
    for (const claims of [
      { user_id: '7' },
      { userId: 7, sub: ADDRESS },
      { uid: '7', sub: ADDRESS },
      { id: 7, sub: ADDRESS },
      { sub: ADDRESS, id: '7', user_id: 7, uid: '7', userId: '7' },
      { sub: '7', email: 'another@example.org' },
    ])
      expect(await reached(claims), JSON.stringify(claims)).toBe(ada)
    shared.forget()
    expect(await reached({ user_id: 7, sub: 'ada@new.example' }), 'a new address').toBe(ada)
    expect(await shared.authenticate(await sign({ id: 7, sub: ADDRESS }))).toMatchObject({
      kind: 'external',
      subject: '7',
    })
  })

  test('no address reaches the account of another user', async () => {
    const own = (await signUp()).user.id
    const ada = await reached({ user_id: 7, sub: ADDRESS })
    const taken = await reached({ user_id: 8, sub: ADDRESS, email: ADDRESS })
    const alone = await reached({ sub: ADDRESS })
    const users = new Set([own, ada, taken, alone])
    expect(users.size).toBe(4)
    for (const sub of lookalikes) {
      const other = await reached({ sub })
      expect([...users], sub).not.toContain(other)
      users.add(other)
      expect(await reached({ sub }), 'the same token, the same user').toBe(other)
    }
    expect(users.size).toBe(4 + lookalikes.length)
    expect(await reached({ user_id: 7, sub: ADDRESS })).toBe(ada)
    expect(await reached({ user_id: 8, sub: ADDRESS })).toBe(taken)
    expect(await reached({ sub: ADDRESS })).toBe(alone)
  })

  test.each<Record<string, unknown>>([
    { user_id: 7, sub: '8' },
    { user_id: 7, id: 8, sub: ADDRESS },
    { userId: 7, uid: 8 },
    { uid: 7, sub: 'ada' },
    { id: '7', sub: '07' },
    { user_id: 7, sub: ` ${ADDRESS}` },
    { user_id: 7, sub: `"a@b"@example.org` },
    { user_id: 7, sub: '@' },
    { user_id: 7, sub: 'ada@' },
    { user_id: 7, sub: 'ada\uff20example.org' },
    { user_id: ADDRESS, sub: 'eve@example.org' },
    { user_id: ADDRESS, sub: ADDRESS.toUpperCase() },
    { user_id: ADDRESS, sub: '7' },
    { user_id: '7', id: ADDRESS, sub: ADDRESS },
    { user_id: '', sub: ADDRESS },
    { user_id: 7, sub: '' },
    { user_id: null, sub: ADDRESS },
    { user_id: [7], sub: ADDRESS },
    { user_id: { id: 7 }, sub: ADDRESS },
    { user_id: 7.5, sub: ADDRESS },
    { user_id: 2 ** 53, sub: ADDRESS },
    { user_id: 7, sub: [ADDRESS] },
    { user_id: 7, sub: `a\0${ADDRESS}` },
    { user_id: 7, sub: `${'a'.repeat(191)}@example.org` },
    { email: ADDRESS },
    { user: { id: 7 } },
  ])('%j is refused', async (claims) => {
    await reached({ user_id: 7 })
    expect((await refusedClaims(claims)).code).toBe('unauthenticated')
  })

  test('AUTH_SUBJECT_CLAIM names the only claim that counts', async () => {
    const named = await process({ sharedSecret: SECRET, subjectClaim: 'employee' })
    const ada = await reached({ employee: 7, sub: ADDRESS, user_id: 1 }, named)
    expect(await reached({ employee: '7', sub: 'eve', user_id: 2, id: 3 }, named)).toBe(ada)
    expect(await reached({ employee: '8', sub: ADDRESS, user_id: 1 }, named)).not.toBe(ada)
    for (const claims of [{ sub: '7', user_id: 7 }, { employee: ['7'] }, { employee: '' }])
      expect((await refusedClaims(claims, named)).code).toBe('unauthenticated')
    const own = await process({ sharedSecret: SECRET, subjectClaim: 'sub' })
    expect(await reached({ sub: ADDRESS, user_id: 7 }, own)).toBe(await reached({ sub: ADDRESS }))
    for (const subjectClaim of ['constructor', '__proto__', 'toString'])
      expect(
        (await refusedClaims({ sub: '7' }, await process({ sharedSecret: SECRET, subjectClaim })))
          .code,
      ).toBe('unauthenticated')
  })
})
