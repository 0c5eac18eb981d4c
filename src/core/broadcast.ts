// What the processes of one service tell each other.
import type { Instant } from '../db/instant.ts'

/** Something that each process tells all others. */
export type Topic<T> = {
  /** Resolves when all other processes have heard it. */
  tell(news: T): Promise<void>
  /** Calls `listener` with what other processes tell. */
  hear(listener: (news: T) => void): void
}

/**
 * Points of a caller that a process has counted since it last told them. `endsAt` is in milliseconds
 * since the epoch.
 */
export type CountedPoints = {
  readonly key: string
  readonly points: number
  readonly endsAt: number
}

/** Numbers of a process by their names in the metrics, as in `taskport_x_total{status="200"}`. */
export type Figures = Readonly<Record<string, number>>

export type Broadcast = {
  /** A credential was revoked, which other processes may have cached. */
  readonly revoked: Topic<undefined>
  readonly counted: Topic<CountedPoints>
  /** A reminder was set for this instant. */
  readonly reminded: Topic<Instant>
  /** The change logs of these users have grown. */
  readonly grown: Topic<readonly string[]>
  /** Is there no other process? */
  readonly isOneProcess?: true
  readonly figures: {
    /** `own` returns those of this process. */
    give(own: () => Figures): void
    /** The sums of all processes since the service started. */
    all(): Promise<Figures>
  }
}

const noTopic = <T>(): Topic<T> => ({ tell: async () => {}, hear: () => {} })

/** For a service of one process. */
export const noBroadcast = (): Broadcast => {
  let figures: () => Figures = () => ({})
  return {
    revoked: noTopic(),
    counted: noTopic(),
    reminded: noTopic(),
    grown: noTopic(),
    isOneProcess: true,
    figures: {
      give: (own) => {
        figures = own
      },
      all: async () => figures(),
    },
  }
}
