// When the next backup is due, and how much of the last writes a kill may lose until then. All times
// in milliseconds.

/** Writes that follow each other are in one backup. */
const DEBOUNCE = 5_000
/** A backup that takes a second begins at least 19 seconds after the one before. */
const REST = 19
const FIRST_RETRY = 5_000
const LAST_RETRY = 300_000

export type History = {
  /** When the oldest write was acknowledged that no backup holds. */
  readonly unsavedSince: number | undefined
  /** When the last backup began, and how long the last successful one took. */
  readonly begun: number
  readonly duration: number
  /** Failures since the last backup that succeeded. */
  readonly failures: number
}

/** When to begin the next backup. Undefined if no write is unsaved. */
export const dueAt = ({ unsavedSince, begun, duration, failures }: History): number | undefined => {
  if (unsavedSince === undefined) return undefined
  const due = Math.max(unsavedSince + DEBOUNCE, begun + REST * duration)
  return failures === 0
    ? due
    : Math.max(due, begun + Math.min(LAST_RETRY, FIRST_RETRY * 2 ** (failures - 1)))
}

export type Progress = {
  /** How long the last backup took, and how long the running one has taken so far. */
  readonly duration: number
  readonly uploadingFor: number | undefined
  /** How long ago the oldest write was that no backup holds. */
  readonly unsavedFor: number | undefined
}

/**
 * How much of the last writes a kill may lose, now or before the next backup is finished. When the
 * running backup takes longer than the last one, the next ones will take as long. A write that no
 * backup holds waits at least for as long as the last backup took.
 */
export const lossBoundNow = ({ duration, uploadingFor = 0, unsavedFor = 0 }: Progress): number =>
  Math.max(
    lossBound(Math.max(duration, uploadingFor)),
    unsavedFor + Math.max(0, duration - uploadingFor),
  )

/**
 * What a kill may cost while backups succeed and take so long: the time between two of them, and one.
 */
export const lossBound = (duration: number): number =>
  Math.max(DEBOUNCE, REST * duration) + duration
