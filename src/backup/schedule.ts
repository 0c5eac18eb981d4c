// When the next copy is due, and how much a kill may cost until then. Milliseconds.

/** Writes that follow each other are copied together. */
const DEBOUNCE = 5_000
/** A copy that took a second is begun 19 seconds after the one before at the earliest. */
const REST = 19
const FIRST_RETRY = 5_000
const LAST_RETRY = 300_000

export type History = {
  /** When the oldest write that no copy holds was acknowledged. */
  readonly unsavedSince: number | undefined
  /** When the last copy began, and how long copies take. */
  readonly begun: number
  readonly duration: number
  /** Failures since the last copy that succeeded. */
  readonly failures: number
}

/** When to begin the next copy; undefined where there is nothing to copy. */
export const dueAt = ({ unsavedSince, begun, duration, failures }: History): number | undefined => {
  if (unsavedSince === undefined) return undefined
  const due = Math.max(unsavedSince + DEBOUNCE, begun + REST * duration)
  return failures === 0
    ? due
    : Math.max(due, begun + Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (failures - 1)))
}

export type Progress = {
  /** How long the last copy took, and how long the one that is being made has taken so far. */
  readonly duration: number
  readonly copyingFor: number | undefined
  /** How long ago the oldest write was that no copy holds. */
  readonly unsavedFor: number | undefined
}

/**
 * What a kill may cost, now or before the next copy is there. A copy that takes longer than the
 * last one says that copies take longer; what is in no copy yet waits at least for what the last
 * copy took.
 */
export const lossBoundNow = ({ duration, copyingFor = 0, unsavedFor = 0 }: Progress): number =>
  Math.max(
    lossBound(Math.max(duration, copyingFor)),
    unsavedFor + Math.max(0, duration - copyingFor),
  )

/**
 * What a kill may cost while copies succeed and take so long: the time between two of them, and
 * one.
 */
export const lossBound = (duration: number): number =>
  Math.max(DEBOUNCE, REST * duration) + duration
