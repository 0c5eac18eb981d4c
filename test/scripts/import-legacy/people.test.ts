// Who the users of another backend are here, by what is asked for and configured.
import { expect, test } from 'vitest'
import { mannerOf } from '../../../scripts/import-legacy/people.ts'
import { parseConfig } from '../../../src/config.ts'

test.each([
  [undefined, {}, 'email'],
  [undefined, { BETTER_AUTH_SECRET: 'a secret of at least thirty-two characters' }, 'secret'],
  [undefined, { BETTER_AUTH_URL: 'https://app.example.org' }, 'jwks'],
  ['email', { BETTER_AUTH_URL: 'https://app.example.org' }, 'email'],
] as const)('--users %s with %o: %s', (asked, env, by) => {
  expect(mannerOf(asked, parseConfig(env)).by).toBe(by)
})
test.each([
  ['secret', {}, '--users secret needs'],
  ['secret-email', {}, '--users secret needs'],
  ['jwks', {}, '--users jwks needs'],
  ['everybody', {}, '--users takes email, secret, secret-email, jwks, jwks-email'],
  [
    undefined,
    {
      BETTER_AUTH_SECRET: 'a secret of at least thirty-two characters',
      BETTER_AUTH_URL: 'https://app.example.org',
    },
    '--users secret or --users jwks says',
  ],
] as const)('--users %s with %o is refused', (asked, env, reason) => {
  expect(() => mannerOf(asked, parseConfig(env))).toThrow(reason)
})

test.each([
  ['secret', { BETTER_AUTH_SECRET: 'a secret of at least thirty-two characters' }],
  ['jwks', { BETTER_AUTH_URL: 'https://app.example.org' }],
] as const)('--users %s-email: the subject is the address', (by, env) => {
  expect(mannerOf(by, parseConfig(env))).toMatchObject({ by, claim: 'sub' })
  expect(mannerOf(`${by}-email`, parseConfig(env))).toMatchObject({ by, claim: 'email' })
})
