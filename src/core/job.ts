// What the service does by itself, without a request.

export type Job = {
  /** As the metrics and `/status` name it. */
  readonly name: string
  /** Milliseconds after which it runs again at the latest. */
  readonly every: number
  run(turn: Turn): Promise<Outcome>
  /**
   * Is called once, with what wakes the job for an instant before it runs anyway. What there is to
   * do then may be written a little later: the job looks for it some times.
   */
  readonly wokenBy?: (wake: (at: number) => void) => void
}

export type Turn = {
  /** Is it the first run since this process has started? */
  readonly first: boolean
  /** Aborted when the process is to end, which closes the database a little later. */
  readonly signal: AbortSignal
}

/** Times in milliseconds since the epoch. */
export type Outcome = {
  /** When there is something to do again, where that is known. */
  readonly next?: number | undefined
  /** Since when something is due that could not be done, or that another process does now. */
  readonly overdueSince?: number | undefined
}
