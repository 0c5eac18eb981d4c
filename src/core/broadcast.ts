// What the processes of one service tell each other.

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

/** How many requests of an operation were answered with a status. */
export type RequestCount = {
  readonly operation: string
  readonly status: number
  readonly total: number
}

export type Broadcast = {
  /** A credential was revoked, which other processes may have cached. */
  readonly revoked: Topic<undefined>
  readonly counted: Topic<CountedPoints>
  readonly answered: {
    /** `own` returns the counts of this process. */
    give(own: () => readonly RequestCount[]): void
    /** The counts of all processes since the service started. */
    all(): Promise<readonly RequestCount[]>
  }
}

const noTopic = <T>(): Topic<T> => ({ tell: async () => {}, hear: () => {} })

/** For a service of one process. */
export const noBroadcast = (): Broadcast => {
  let counts: () => readonly RequestCount[] = () => []
  return {
    revoked: noTopic(),
    counted: noTopic(),
    answered: {
      give: (own) => {
        counts = own
      },
      all: async () => counts(),
    },
  }
}
