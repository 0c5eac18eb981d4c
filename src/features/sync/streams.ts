// The streams of this process: each is poked when the log of its user has grown.
import type { Broadcast } from '../../core/broadcast.ts'
import type { Ctx } from '../../core/context.ts'
import { DomainError } from '../../core/errors.ts'
import type { Log } from '../../core/log.ts'
import { createSender, type EventStream, type Sender } from './event-stream.ts'
import { seqsOf, standingOf } from './standing.ts'
import { presentToken } from './token.ts'

/** Streams of one user in one process. */
const MOST = 10
const TICK_MS = 500
const HEARTBEAT_TICKS = 50
/** A stream ends so soon after its credential. */
const CHECK_TICKS = 20
/** Between two pokes of a user. */
const SPACING_MS = 200
/** What was noted is told to other processes together. */
const TELL_MS = 100

type Open = { readonly sender: Sender; readonly still: () => Promise<boolean>; age: number }
type Feed = { readonly streams: Set<Open>; seq: number; isReading: boolean; again: boolean }

export type Streams = {
  /** The logs of these users have grown. */
  note(readers: readonly string[]): void
  /**
   * Pokes the caller until the client goes, or `still` says that the credential is not good any
   * more. Throws `quota_exceeded`.
   */
  open(ctx: Ctx, still: () => Promise<boolean>): EventStream
  /** Ends all of them, because the process does. */
  end(): void
}

type Parts = Pick<Ctx, 'db' | 'ids'> & {
  readonly log: Log
  readonly broadcast: Pick<Broadcast, 'grown' | 'isOneProcess'>
  /** May processes write that this broadcast does not reach? Then the database is asked. */
  readonly replicas: boolean
  /** Is called where the log of any user has grown. */
  readonly heard?: () => void
}

export const createStreams = ({
  broadcast,
  replicas,
  log,
  heard = () => {},
  ...parts
}: Parts): Streams => {
  const feeds = new Map<string, Feed>()
  const untold = new Set<string>()
  let ticking: ReturnType<typeof setInterval> | undefined
  let ticks = 0

  const refresh = async (userId: string, feed: Feed): Promise<void> => {
    feed.again = true
    if (feed.isReading) return
    feed.isReading = true
    while (feed.again && feed.streams.size > 0) {
      feed.again = false
      try {
        const standing = await standingOf({
          ...parts,
          actor: { kind: 'system', userId, subject: userId },
        })
        feed.seq = standing.seq
        const token = presentToken(standing)
        for (const { sender } of feed.streams) sender.poke(token)
      } catch (error) {
        // Asked again at the next look at the database.
        feed.seq = UNKNOWN
        if (error instanceof DomainError) for (const { sender } of feed.streams) sender.end()
        else log.warning('a client could not be told of changes', { user_id: userId, error })
      }
      await new Promise((resolve) => setTimeout(resolve, SPACING_MS))
    }
    feed.isReading = false
  }

  const look = async (): Promise<void> => {
    const found = await seqsOf(parts, [...feeds.keys()])
    for (const { id, seq } of found) {
      const feed = feeds.get(id)
      if (feed && feed.seq !== seq) void refresh(id, feed)
    }
  }

  let isLooking = false
  const tick = (): void => {
    ticks++
    if (!isLooking && (replicas || ticks % HEARTBEAT_TICKS === 0)) {
      isLooking = true
      look()
        .catch((error: unknown) => log.warning('it is not known what has changed', { error }))
        .finally(() => {
          isLooking = false
        })
    }
    for (const feed of feeds.values())
      for (const open of feed.streams) {
        open.age++
        if (open.age % HEARTBEAT_TICKS === 0) open.sender.beat()
        if (open.age % CHECK_TICKS === 0)
          void open.still().then((isGood) => isGood || open.sender.end())
      }
  }

  const hear = (readers: readonly string[]): void => {
    heard()
    for (const id of readers) {
      const feed = feeds.get(id)
      if (feed) void refresh(id, feed)
    }
  }
  broadcast.grown.hear(hear)

  const tell = (): void => {
    const readers = [...untold]
    untold.clear()
    broadcast.grown.tell(readers).catch(() => {})
  }

  return {
    note: (readers) => {
      hear(readers)
      if (broadcast.isOneProcess) return
      if (untold.size === 0) setTimeout(tell, TELL_MS)
      for (const id of readers) untold.add(id)
    },
    open: ({ actor: { userId } }, still) => {
      const known = feeds.get(userId)
      const feed = known ?? { streams: new Set(), seq: UNKNOWN, isReading: false, again: false }
      if (feed.streams.size >= MOST)
        throw new DomainError('quota_exceeded', `You may have ${MOST} streams open at a time.`)
      const closed = (): void => {
        feed.streams.delete(open)
        if (feed.streams.size > 0) return
        if (feeds.get(userId) === feed) feeds.delete(userId)
        if (feeds.size > 0) return
        clearInterval(ticking)
        ticking = undefined
      }
      const open: Open = { sender: createSender(closed), still, age: 0 }
      feed.streams.add(open)
      feeds.set(userId, feed)
      ticking ??= setInterval(tick, TICK_MS)
      void refresh(userId, feed)
      return open.sender
    },
    end: () => {
      for (const feed of [...feeds.values()])
        for (const { sender } of [...feed.streams]) sender.end()
    },
  }
}
const UNKNOWN = -1
