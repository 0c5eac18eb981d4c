/** What has been written and backed up. Times in milliseconds of the timer. */
export type BackupProgress = {
  /** A write was acknowledged. */
  noteWrite(): void
  /** When the oldest write was acknowledged that no finished backup holds. */
  unsavedSince(): number | undefined
  /** When the oldest write was acknowledged that not even the running backup will hold. */
  unscheduledSince(): number | undefined
  /** When the running backup was begun. */
  uploadingSince(): number | undefined
  /** When the last attempt was begun. */
  begunAt(): number
  /** Failures since the last success, and in all. */
  failures(): { readonly since: number; readonly all: number }
  /** Backups that succeeded. */
  count(): number
  /** An attempt begins, with what has to be done before the snapshot. */
  begin(): void
  /** The snapshot begins: it holds every write that was acknowledged before. */
  beginSnapshot(): void
  succeed(): void
  fail(): void
}

/** `unsaved`: the database may hold writes that no backup holds. */
export const createProgress = (now: () => number, unsaved: boolean): BackupProgress => {
  let unsavedSince = unsaved ? now() : undefined
  /** The same for the writes that the running backup will hold. */
  let savingSince: number | undefined
  let uploadingSince: number | undefined
  let begunAt = Number.NEGATIVE_INFINITY
  let failures = { since: 0, all: 0 }
  let count = 0
  return {
    noteWrite: () => {
      unsavedSince ??= now()
    },
    unsavedSince: () => savingSince ?? unsavedSince,
    unscheduledSince: () => unsavedSince,
    uploadingSince: () => uploadingSince,
    begunAt: () => begunAt,
    failures: () => failures,
    count: () => count,
    begin: () => {
      begunAt = now()
    },
    beginSnapshot: () => {
      begunAt = now()
      uploadingSince = begunAt
      savingSince = unsavedSince
      unsavedSince = undefined
    },
    succeed: () => {
      failures = { since: 0, all: failures.all }
      count++
      savingSince = undefined
      uploadingSince = undefined
    },
    fail: () => {
      unsavedSince = savingSince ?? unsavedSince
      failures = { since: failures.since + 1, all: failures.all + 1 }
      savingSince = undefined
      uploadingSince = undefined
    },
  }
}
