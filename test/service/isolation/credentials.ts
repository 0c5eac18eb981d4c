// Every operation that asks for a credential is tried, as it says itself who may call it,
// with every credential that must not do.
import { describe, expect, test } from 'vitest'
import { scopes } from '../../../src/core/access.ts'
import { operations } from '../../../src/features/operations.ts'
import { attack, expectRefused, keysWithoutScope, strangers, worthlessAttacks } from './attacks.ts'
import {
  bearer,
  casesHere,
  elsewhere,
  externalToken,
  keyOf,
  original,
  outsiderFor,
  type Person,
  pairFor,
  person,
} from './people.ts'
import { ask, dump, expectSuccess, guarded, isOpen, requestOf, ruleOf } from './requests.ts'

/** The operations that ask for no credential: one becomes so only where it is named here. */
const open = ['register', 'login', 'redeemCode', 'refresh']

test('these operations ask for no credential, and no others', () =>
  expect(
    Object.values(operations)
      .filter(isOpen)
      .map(({ id }) => id),
  ).toEqual(open))

test('people are copies of one who was made by requests, and have the same things', async () => {
  const [one, other] = [await person(), await person()]
  const shapeOf = async (who: Person) =>
    JSON.parse(
      JSON.stringify(await dump(who))
        .replaceAll(who.mark, 'mark')
        .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'id')
        // It holds the id of its user.
        .replace(/"token":"[^"]+"/, '"token":"token"'),
    )
  const shape = await shapeOf(original)
  expect([await shapeOf(one), await shapeOf(other)]).toEqual([shape, shape])
})

describe.each(casesHere(guarded.map((operation) => [operation.operationId, operation] as const)))(
  '%s',
  (_name, operation) => {
    test('is refused to clients that prove nothing, to API keys without its scope, and to other users', () =>
      attack(operation, [worthlessAttacks, keysWithoutScope, strangers]))

    test('is done for the kinds of credential that the operation names, and no other', async () => {
      const { scope, actors } = ruleOf(operation)
      const [owner] = await pairFor(operation.method)
      const foreigner = await outsiderFor(operation.method)
      const key = await keyOf(owner, scope === null || scope === 'any' ? scopes : [scope])
      const byKey = await ask(operation, requestOf(operation, owner), bearer(key))
      if (actors.includes('key')) expectSuccess(operation, byKey, 'an API key with the scope')
      else expectRefused('an API key', 'session_required')(byKey)
      const byForeigner = await ask(
        operation,
        requestOf(operation, foreigner),
        foreigner.client.headers,
      )
      if (actors.includes('external'))
        expectSuccess(operation, byForeigner, 'a user of another issuer')
      else expectRefused('a user of another issuer', 'session_required')(byForeigner)
    })
  },
)

test('users of other issuers make API keys only where the configuration lets them', async () => {
  const foreigner = elsewhere.client(await externalToken('somebody', elsewhere))
  const { status, body } = await foreigner.post('/api/v1/api-keys', {
    name: 'Phone',
    scopes: ['tasks:read'],
  })
  expect([status, body.code]).toEqual([403, 'session_required'])
  expect((await foreigner.get('/api/v1/api-keys')).body.items).toEqual([])
})
