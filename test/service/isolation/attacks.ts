// Requests with every credential that must not do: forged, of a key without the scope, of another
// user.
import { generateKeyPair, SignJWT } from 'jose'
import { expect } from 'vitest'
import { scopes } from '../../../src/core/access.ts'
import { newApiKey } from '../../../src/features/account/credentials/api-keys.ts'
import type { Operation } from '../../support/document.ts'
import type { Asked } from '../../support/valid-request.ts'
import type { Answer } from '../../support/world.ts'
import {
  bearer,
  claimsOf,
  elsewhere,
  type Headers,
  isBrief,
  keyOf,
  make,
  nextMark,
  onceForEach,
  outsidersClient,
  type Person,
  pairFor,
  person,
  randomId,
  world,
} from './people.ts'
import { ask, dump, essence, expectSuccess, idsIn, requestOf, ruleOf } from './requests.ts'

type Attack = {
  readonly as: string
  readonly credential: Headers
  /** `secrets` are the owner's mark and ids. */
  expects(answer: Answer, secrets: readonly string[]): void | Promise<void>
}
type Prepare = (owner: Person, asked: Asked, operation: Operation) => Promise<readonly Attack[]>

const dumpOnce = onceForEach(dump)

/**
 * Shows that an owner's request succeeds, lets others make an equal one, shows that nothing of the
 * owner's has changed, and that it was a good request until the end.
 */
export const attack = async (operation: Operation, kinds: readonly Prepare[]) => {
  const [other, owner] = await pairFor(operation.method)
  expectSuccess(
    operation,
    await ask(operation, requestOf(operation, other), other.client.headers),
    'the owner',
  )
  const asked = requestOf(operation, owner)
  const attacks: Attack[] = []
  for (const prepare of kinds) attacks.push(...(await prepare(owner, asked, operation)))
  const mayChange = !isBrief || operation.method !== 'GET'
  const before = await (mayChange ? dump(owner) : dumpOnce(owner))
  const secrets = [owner.mark, ...idsIn([before, owner.id, asked.id ?? ''])]
  for (const { credential, expects } of attacks)
    await expects(await ask(operation, asked, credential), secrets)
  if (mayChange)
    expect(
      await dump(owner),
      `the data of the owner after others tried ${operation.operationId}`,
    ).toEqual(before)
  expectSuccess(
    operation,
    await ask(operation, asked, owner.client.headers),
    'the owner, after others tried',
  )
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')

const there = await elsewhere.register(nextMark())
/** A session at another Taskport. */
const stranger = { userId: there.id, sessionId: there.sessionId, refreshToken: '' }

/** Credentials that look like the owner's, and prove nothing. */
export const worthless = onceForEach(async (owner): Promise<Record<string, Headers>> => {
  const { token } = owner.client
  const [head, payload, signature] = token.split('.') as [string, string, string]
  const { kid } = JSON.parse(atob(head))
  const claims = claimsOf(token)
  const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' })
  const forged = (more: object) =>
    new SignJWT({ ...claims, ...more })
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: 'JWT' })
      .sign(privateKey)
  const [{ x }] = (await world.deps.credentials.jwks()).keys as [{ x: string }]
  const confused = new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid, typ: 'JWT' })
    .sign(Buffer.from(x, 'base64url'))
  const sessions = { userId: owner.id, sessionId: claims.sid, refreshToken: '' }
  const { access_token: fromElsewhere } = await elsewhere.deps.credentials.issueTokens(stranger)
  world.clock.advance(-3_600_000)
  const { access_token: expired } = await world.deps.credentials.issueTokens(sessions)
  world.clock.advance(3_600_000)
  const expiresAt = new Date(world.clock.now() + 500).toISOString()
  const expiredKey = await make(owner.client, '/api-keys', {
    name: 'Short',
    scopes,
    expires_at: expiresAt,
  })
  world.clock.advance(500)
  return {
    'no token': {},
    'no token behind Bearer': { Authorization: 'Bearer' },
    'another scheme': { Authorization: `Basic ${btoa(`${owner.id}:${owner.password}`)}` },
    'what is not a token': bearer('nonsense'),
    'the id of the owner': bearer(owner.id),
    'a token that was cut short': bearer(token.slice(0, -8)),
    'a token without its signature': bearer(`${head}.${payload}.`),
    "a token with another's payload": bearer(
      `${head}.${encode({ ...claims, sub: randomId() })}.${signature}`,
    ),
    'an expired token': bearer(expired),
    'a token signed with another key under our key id': bearer(await forged({})),
    'a token of another issuer under our key id': bearer(
      await forged({ iss: elsewhere.deps.credentials.issuer }),
    ),
    'a token of another Taskport': bearer(fromElsewhere),
    'a token with alg none': bearer(`${encode({ alg: 'none', kid, typ: 'JWT' })}.${payload}.`),
    'a token signed with our public key as a secret': bearer(await confused),
    'a malformed API key': bearer('tpk_nonsense'),
    'an unknown API key': bearer((await newApiKey()).key),
    'an expired API key': bearer(expiredKey.key),
    'a worthless X-API-Key beside a good token': { ...bearer(token), 'X-API-Key': 'nonsense' },
  }
})

/** RFC 6750, 3.1: an error code only where there was a token. */
export const expectUnauthenticated = (as: string, credential: Headers) => (answer: Answer) => {
  expect([answer.status, answer.body?.code], as).toEqual([401, 'unauthenticated'])
  const hasToken = 'X-API-Key' in credential || credential['Authorization']?.startsWith('Bearer ')
  expect(answer.headers.get('WWW-Authenticate'), as).toBe(
    `Bearer realm="taskport"${hasToken ? ', error="invalid_token"' : ''}`,
  )
}

export const worthlessAttacks = async (owner: Person): Promise<Attack[]> =>
  Object.entries(await worthless(owner)).map(([as, credential]) => ({
    as,
    credential,
    expects: expectUnauthenticated(as, credential),
  }))

export const expectRefused = (as: string, code: string) => (answer: Answer) => {
  expect([answer.status, answer.body?.code], as).toEqual([403, code])
  if (code !== 'other_user')
    expect(answer.headers.get('WWW-Authenticate'), as).toBe(
      'Bearer realm="taskport", error="insufficient_scope"',
    )
}

/**
 * What the request becomes when it names things that nobody has; the same one where it names none.
 */
const unknownTwin = (asked: Asked, ids: readonly string[]): Asked => {
  const text = JSON.stringify(asked)
  const twin = ids.reduce((changed, id) => changed.replaceAll(id, randomId()), text)
  return twin === text ? asked : JSON.parse(twin)
}

/** Another user is told what would be told if the owner had nothing at all. */
const strangerAttack = (
  operation: Operation,
  asked: Asked,
  as: string,
  credential: Headers,
): Attack => ({
  as,
  credential,
  expects: async (answer, secrets) => {
    const told = JSON.stringify([essence(answer), [...answer.headers]])
    expect(
      secrets.filter((secret) => told.includes(secret)),
      `${as}: ${told}`,
    ).toEqual([])
    const twin = unknownTwin(asked, secrets.slice(1))
    if (twin === asked) return
    expect([answer.status, answer.body?.code], as).toEqual(
      asked.id === undefined ? [422, 'invalid'] : [404, 'not_found'],
    )
    expect(
      essence(await ask(operation, twin, credential)),
      `${as} is told the same of a thing that nobody has`,
    ).toEqual(essence(answer))
  },
})

/** Three users who have nothing to do with the owner, by the kind of their credential. */
const strangersOf = onceForEach(async () => [
  { kind: 'session', as: 'another user', credential: (await person()).client.headers },
  {
    kind: 'key',
    as: "another user's API key",
    credential: bearer(await keyOf({ client: await world.register(nextMark()) }, scopes)),
  },
  {
    kind: 'external',
    as: 'a user of another issuer',
    credential: (await outsidersClient(nextMark())).headers,
  },
])

export const strangers = async (
  owner: Person,
  asked: Asked,
  operation: Operation,
): Promise<Attack[]> => {
  const { actors } = ruleOf(operation)
  return (await strangersOf(owner)).map(({ kind, as, credential }) =>
    actors.includes(kind)
      ? strangerAttack(operation, asked, as, credential)
      : { as, credential, expects: expectRefused(as, 'session_required') },
  )
}

export const keysWithoutScope = async (
  owner: Person,
  _asked: Asked,
  operation: Operation,
): Promise<Attack[]> => {
  const { scope, actors } = ruleOf(operation)
  // What is in it asks for scopes: `test/features/batch.test.ts`.
  if (scope === 'any') return []
  const others = scopes.filter((name) => name !== scope)
  const key = await keyOf(owner, others)
  // The first use of a key is noted; that is the owner's doing, and not what is looked for.
  await world.client(key).get('/api/v1/me')
  const expects = expectRefused(
    `a key with ${others}`,
    actors.includes('key') ? 'insufficient_scope' : 'session_required',
  )
  return [bearer(key), { 'X-API-Key': key }].map((credential) => ({
    as: 'a key without the scope',
    credential,
    expects,
  }))
}
