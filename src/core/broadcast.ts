// What the processes of one service that runs as several have to tell each other. A service of one
// process is alone.

/** Something that each process tells all others. */
export type Topic<T> = {
  /** Settles when all others that run have heard it. */
  tell(news: T): Promise<void>
  /** `listener` is called with what others tell. */
  hear(listener: (news: T) => void): void
}

/**
 * Requests of a caller that a process has counted, beyond what it told before; `endsAt` in
 * milliseconds since the epoch.
 */
export type Counted = { readonly key: string; readonly points: number; readonly endsAt: number }
/** Requests that were answered. */
export type Answered = {
  readonly operation: string
  readonly status: number
  readonly total: number
}

export type Siblings = {
  /** A credential that may be remembered is no good any more. */
  readonly revoked: Topic<undefined>
  readonly counted: Topic<Counted>
  readonly answered: {
    /** `own` says what this process has answered. */
    give(own: () => readonly Answered[]): void
    /** What all processes have answered since the service started. */
    all(): Promise<readonly Answered[]>
  }
}

const noTopic = <T>(): Topic<T> => ({ tell: async () => {}, hear: () => {} })

export const alone = (): Siblings => {
  let answered: () => readonly Answered[] = () => []
  return {
    revoked: noTopic(),
    counted: noTopic(),
    answered: {
      give: (own) => {
        answered = own
      },
      all: async () => answered(),
    },
  }
}
