import { describe, expect, onTestFinished, test } from 'vitest'
import { findOrCreateUser } from '../../../../src/features/account/users.ts'
import { openDefault } from '../../../support/databases.ts'
import { createWorld, type World } from '../../../support/world.ts'
import {
  identitiesOf,
  type Linked,
  link,
  pass,
  proofOf,
  provider,
  redeem,
  signIn,
  titleOf,
  unlink,
  useProvider,
} from './browser.ts'

useProvider()

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
        world.deps.credentials.authenticate(user.token),
        'no credential is remembered',
      ).toBeInstanceOf(Promise)
      expect((await signIn(world, `${login}-2`)).id).toBe(id)
      const stranger = await seen(world, login)
      expect(stranger).not.toBe(id)
      expect((await signIn(world, login)).id).toBe(stranger)
    }
  })
})
