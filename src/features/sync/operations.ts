import { withScope } from '../../core/access.ts'
import { defineOperation } from '../../core/operation.ts'
import { z } from '../../core/zod.ts'
import { listChanges } from './changes.ts'
import type { EventStream } from './event-stream.ts'
import { openEvents, type SyncCtx } from './events.ts'
import { Changes, changesQuery, Pokes } from './schemas.ts'

export const syncOperations = [
  defineOperation({
    id: 'listChanges',
    summary: 'Follow all changes',
    description:
      'All that a copy needs to be what the service has: each thing that has changed since a token, as the caller may see it now, and what is gone. Without a token it begins with all there is, right also while others write.',
    access: withScope('data:read'),
    query: changesQuery,
    output: { description: 'The changes, the earliest first, page by page.', schema: Changes },
    refuses: ['sync_token_expired'],
    ofItsOwn: true,
    run: (ctx, { query }) => listChanges(ctx, query),
  }),
  defineOperation({
    id: 'openEvents',
    summary: 'Be told when there are changes',
    description:
      'Server-sent events, read with `fetch`: the first `changes` at once, then one whenever something has changed, each with the `token` of the present state. What has changed is not in it: ask listChanges, unless the copy has this token. The stream ends with the credential. A user may have 10 at a time.',
    access: withScope('data:read'),
    output: {
      description: 'Events until the client closes the connection.',
      schema: z.custom<EventStream>(),
      media: { 'text/event-stream': Pokes },
    },
    refuses: ['quota_exceeded', 'no_streams'],
    ofItsOwn: true,
    streams: true,
    run: (ctx: SyncCtx) => openEvents(ctx),
  }),
] as const
