import { describe, expect, test } from 'vitest'
import type { Actor } from '../../../../src/core/context.ts'
import { endSession, listSessions, logout } from '../../../../src/features/account/index.ts'
import {
  ada,
  as,
  clock,
  credentials,
  DAY,
  describeIdentity,
  grace,
  holder,
  MINUTE,
  process,
  refusal,
  refused,
  SECOND,
  signIn,
  signUp,
} from './service.ts'

describeIdentity(() => {
  describe('sessions', () => {
    test('are listed newest first, page by page, without expired ones and those of others', async () => {
      await signUp()
      clock.advance(31 * DAY)
      await signUp(grace)
      const tokens = []
      for (const userAgent of ['one', 'two', 'three'])
        tokens.push((await signIn({ ...ada, userAgent })).access_token)
      const ctx = await holder(tokens[1] ?? '')
      const first = await listSessions(ctx, { limit: 2 })
      expect(first.items.map((s) => [s.user_agent, s.current])).toEqual([
        ['three', false],
        ['two', true],
      ])
      const second = await listSessions(ctx, { limit: 2, cursor: first.next_cursor ?? '' })
      expect(second).toMatchObject({ items: [{ user_agent: 'one' }], next_cursor: null })
    })

    test('end at once in this process, and everywhere within thirty seconds', async () => {
      const { access_token } = await signUp()
      const other = await process()
      await other.authenticate(access_token)
      await logout(await holder(access_token))
      expect((await refused(access_token)).detail).toMatch(/has ended/)
      clock.advance(30 * SECOND)
      expect((await refused(access_token, other)).detail).toMatch(/has ended/)
    })

    test('are ended by their owner only', async () => {
      const mine = await signUp()
      const hers = await signUp(grace)
      const ctx = await holder(mine.access_token)
      const [session] = (await listSessions(ctx, { limit: 1 })).items
      const id = session?.id ?? ''
      expect(
        await refusal(async () => endSession(await holder(hers.access_token), { id })),
      ).toMatchObject({ code: 'not_found' })
      await credentials.authenticate(mine.access_token)
      await endSession(ctx, { id })
      expect(await refused(mine.access_token)).toMatchObject({ code: 'unauthenticated' })
      await credentials.authenticate(hers.access_token)
    })

    test('one that is remembered is looked up again after the clock was set back: it may have ended at another process', async () => {
      const { access_token, user } = await signUp()
      const actor = (await credentials.authenticate(access_token)) as Extract<
        Actor,
        { kind: 'session' }
      >
      expect(credentials.authenticate(access_token)).not.toBeInstanceOf(Promise)
      const other = await process()
      await endSession(as({ ...actor, userId: user.id }, other), { id: actor.sessionId })
      clock.advance(-60 * MINUTE)
      expect((await refused(access_token)).detail).toMatch(/session of this token has ended/)
    })
  })
})
