// Whether a database may grow. A reserve is kept, so that there is always space to delete, to sign
// in, and to end the process.

/** Sizes in bytes. */
export type Room = {
  /** What is stored. */
  readonly used: number
  /** Free space of the disk. */
  readonly free: number
  /** Unused pages of the file, which are used before the file grows. */
  readonly unused: number
}
/**
 * In bytes. `reserve` stays free, for the write-ahead log of batches that delete. `limit`: how much
 * may be stored.
 */
export type Bounds = { readonly reserve: number; readonly limit: number | undefined }

export type StorageState = {
  /** Whether batches that grow the database are refused. */
  readonly full: boolean
  /** Undefined if it cannot be measured, as on a server. */
  readonly room: (Room & Bounds) | undefined
}

export type Storage = {
  /** Measures, and returns the state. */
  state(): StorageState
  /**
   * Whether the database may grow. Measures each time when it is nearly full, and otherwise every
   * 50 milliseconds.
   */
  mayGrow(): boolean
  /** Whether so little is free that the write-ahead log has to be emptied at once. */
  isShort(): boolean
  /** The database has refused a batch because it is full. */
  refused(): void
  /** The database has grown, so it is not full. */
  grew(): void
}

/**
 * Refuses a batch that would grow a database of which only the reserve is left. The batch was not
 * run.
 */
export class StorageFull extends Error {
  readonly code = 'STORAGE_FULL'
  constructor() {
    super('the storage is full: only its reserve is left')
  }
}

const LOOK_MS = 50
/** More bytes than can be written in that time. */
const NEAR = 64 * 2 ** 20
/**
 * Bytes that have to be free beyond the limit until the log says that there is space again.
 * Otherwise it would say so again and again.
 */
const margin = (room: Bounds | undefined): number =>
  Math.max((room?.reserve ?? 0) / 4, (room?.limit ?? 0) / 64)

export type StorageParts = {
  /** Undefined if the space is not known. */
  measure?(): (Room & Bounds) | undefined
  /** Empties the write-ahead log. */
  reclaim?(): void
  /** Called when the storage becomes full, and when there is room again. */
  tell(state: StorageState): void
}

export const createStorage = ({
  measure = () => undefined,
  reclaim,
  tell,
}: StorageParts): Storage => {
  let room: (Room & Bounds) | undefined
  let lookedAt = Number.NEGATIVE_INFINITY
  let isRefused = false
  let isTold = false

  /** Keeps the last measure if it cannot be measured: the disk fails, or the database is closed. */
  const measured = (): (Room & Bounds) | undefined => {
    try {
      return measure() ?? room
    } catch {
      return room
    }
  }
  const look = (): void => {
    room = measured()
    if (!hasRoom(room) && reclaim) {
      reclaim()
      room = measured()
    }
    lookedAt = performance.now()
    report()
  }
  const state = (): StorageState => ({ full: isRefused || !hasRoom(room), room })
  const report = (): void => {
    const { full } = state()
    if (full === isTold || (!full && left(room) < margin(room))) return
    isTold = full
    tell(state())
  }
  return {
    state: () => {
      look()
      return state()
    },
    mayGrow: () => {
      if (performance.now() - lookedAt > LOOK_MS || left(room) < NEAR) look()
      return hasRoom(room)
    },
    isShort: () => room !== undefined && room.free < 2 * room.reserve,
    refused: () => {
      look()
      // If the measure says the same, it also shows when there is space again.
      isRefused = hasRoom(room)
      report()
    },
    grew: () => {
      if (!isRefused) return
      isRefused = false
      report()
    },
  }
}

/**
 * Bytes by which the database may grow. Into unused pages it may grow while half of the reserve is
 * free, which is enough for its write-ahead log.
 */
const left = (room: (Room & Bounds) | undefined): number => {
  if (room === undefined) return Number.POSITIVE_INFINITY
  const { used, free, unused, reserve, limit = Number.POSITIVE_INFINITY } = room
  return Math.min(free + unused - reserve, free - reserve / 2, limit - used)
}
const hasRoom = (room: (Room & Bounds) | undefined): boolean => left(room) > 0
