import { withScope } from '../../core/access.ts'
import { defineOperation } from '../../core/operation.ts'
import { listChanges } from './changes.ts'
import { Changes, changesQuery } from './schemas.ts'

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
] as const
