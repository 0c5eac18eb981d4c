import type { Ctx } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import type { EventStream } from './event-stream.ts'
import type { Streams } from './streams.ts'

/** What following needs of a context besides. */
export type SyncCtx = Ctx & {
  /** Undefined where a process cannot keep a stream: on Workers. */
  readonly grown?: Streams | undefined
  /** Is the credential of the request still good? */
  readonly still?: (() => Promise<boolean>) | undefined
}

/** Seconds between two questions of a client that cannot be told. */
const POLL_SECONDS = 30

/** Pokes the caller whenever there are changes. Throws `no_streams`, `quota_exceeded`. */
export const openEvents = async ({ grown, still, ...ctx }: SyncCtx): Promise<EventStream> => {
  if (!grown || !still)
    throw new DomainError(
      'no_streams',
      `This service keeps no streams: ask GET /api/v1/changes every ${POLL_SECONDS} seconds.`,
      [],
      { retryAfter: POLL_SECONDS },
    )
  return grown.open(ctx, still)
}
