// Which tokens of others are accepted: the names of the shared secret, and where keys are.
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { faults } from './faults.ts'

const NAMES = ['BETTER_AUTH_SECRET', 'JWT_SECRET', 'JWT_SECRET_KEY', 'SECRET_KEY']
const [one, other] = ['hunter2'.repeat(5), 'hunter3'.repeat(5)]

test.each(NAMES)('%s is a name of the shared secret', (name) => {
  expect(parseConfig({ [name]: ` ${one}\n` }).sharedSecret).toBe(one)
  expect(parseConfig({ ...Object.fromEntries(NAMES.map((n) => [n, ''])), [name]: one })).toEqual(
    parseConfig({ BETTER_AUTH_SECRET: one }),
  )
})

test('several names are one setting: the same value, or no start', () => {
  expect(parseConfig(Object.fromEntries(NAMES.map((name) => [name, one]))).sharedSecret).toBe(one)
  for (const [n, first] of NAMES.entries())
    for (const second of NAMES.slice(n + 1)) {
      const lines = faults({ [first]: one, [second]: other })
      expect(lines).toEqual([
        `${second} is another name of ${first}, and the values of the two differ: remove one of them, or give both the same value`,
      ])
      // Case and length matter.
      expect(faults({ [first]: one, [second]: one.toUpperCase() })).toHaveLength(1)
      expect(faults({ [first]: one, [second]: `${one}2` })).toHaveLength(1)
      expect(faults({ [first]: one, [second]: 'short' })).toEqual([
        expect.stringMatching(`^${second} is shorter`),
      ])
    }
  // The secret of the signing keys is a setting of its own.
  expect(faults({ AUTH_SECRET: other, JWT_SECRET: one })).toEqual([])
})

test.each([
  ['https://app.example.org', 'https://app.example.org/api/auth/jwks', 'https://app.example.org'],
  ['https://app.example.org/', 'https://app.example.org/api/auth/jwks', 'https://app.example.org'],
  ['http://localhost:3000', 'http://localhost:3000/api/auth/jwks', 'http://localhost:3000'],
  [
    'https://app.example.org/api/auth',
    'https://app.example.org/api/auth/jwks',
    'https://app.example.org',
  ],
  [
    'https://app.example.org/api/auth//',
    'https://app.example.org/api/auth/jwks',
    'https://app.example.org',
  ],
  ['http://[::1]:3000/auth', 'http://[::1]:3000/auth/jwks', 'http://[::1]:3000'],
  [
    'https://App.Example.org:443/a/b',
    'https://App.Example.org:443/a/b/jwks',
    'https://app.example.org',
  ],
])('a Better Auth server at %s has its keys at %s, and is called %s', (address, url, origin) => {
  expect(parseConfig({ BETTER_AUTH_URL: address }).jwksIssuer).toEqual({
    url,
    issuer: origin,
    audience: origin,
    subjectClaim: 'sub',
  })
  const own = { AUTH_JWKS_URL: 'https://k.example/x', AUTH_ISSUER: 'i', AUTH_AUDIENCE: 'a' }
  expect(parseConfig({ BETTER_AUTH_URL: address, ...own }).jwksIssuer).toMatchObject({
    url: 'https://k.example/x',
    issuer: 'i',
    audience: 'a',
  })
})

test('a Better Auth server that is also the OpenID provider names its users by sub', () => {
  const provider = {
    OPENID_PROVIDER_URL: 'https://app.example.org',
    OAUTH_CLIENT_ID: 'me',
    OAUTH_CLIENT_SECRET: 'x',
    BETTER_AUTH_URL: 'https://app.example.org/api/auth',
  }
  expect(faults(provider)).toEqual([])
  expect(faults({ ...provider, AUTH_SUBJECT_CLAIM: 'email' })).toEqual([
    expect.stringMatching(/^AUTH_SUBJECT_CLAIM has to be sub/),
  ])
})

test('AUTH_SUBJECT_CLAIM is for tokens of either kind', () => {
  const BETTER_AUTH_URL = 'https://app.example.org'
  const config = parseConfig({ BETTER_AUTH_URL, JWT_SECRET: one, AUTH_SUBJECT_CLAIM: 'oid' })
  expect([config.subjectClaim, config.jwksIssuer?.subjectClaim]).toEqual(['oid', 'oid'])
  expect(parseConfig({ BETTER_AUTH_URL, JWT_SECRET: one }).subjectClaim).toBeUndefined()
})
