// Whether a database may grow. A reserve is kept back, so that deleting, signing in and the end of
// the process still find room.

/** Sizes in bytes. */
export type Room = {
  /** What the database holds. */
  readonly used: number
  /** What is free on its disk. */
  readonly free: number
  /** Pages of its file that hold nothing: they are used again before the file grows. */
  readonly unused: number
}
/**
 * In bytes. `reserve`: what stays free, for the log of changes that make room. `limit`: what the
 * database may hold.
 */
export type Bounds = { readonly reserve: number; readonly limit: number | undefined }

export type StorageState = {
  /** Is growth refused? */
  readonly full: boolean
  /** Undefined where it cannot be measured, as on a server. */
  readonly room: (Room & Bounds) | undefined
}

export type Storage = {
  /** Measures, and answers what holds now. */
  state(): StorageState
  /**
   * May the database grow? Measures anew where the end is near, and every 50 milliseconds
   * elsewhere.
   */
  mayGrow(): boolean
  /** Is so little left that what is taken for a while has to be given back at once? */
  isShort(): boolean
  /** The database said by itself that it is full. */
  refused(): void
  /** The database has grown, so it is not full. */
  grew(): void
}

/**
 * Rejects what would grow a database of which only the reserve is left. Nothing was asked of the
 * database.
 */
export class StorageFull extends Error {
  readonly code = 'STORAGE_FULL'
  constructor() {
    super('the storage is full: only its reserve is left')
  }
}

const LOOK_MS = 50
/** More than is written in that time, in bytes. */
const NEAR = 64 * 2 ** 20
/**
 * With less, in bytes, the log does not say that there is room again: else it would say so again
 * and again.
 */
const margin = (room: Bounds | undefined): number =>
  Math.max((room?.reserve ?? 0) / 4, (room?.limit ?? 0) / 64)

export type StorageParts = {
  /** Undefined where the room is not known. */
  measure?(): (Room & Bounds) | undefined
  /** Gives back what the database takes for a while only. */
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

  /**
   * Where it cannot be measured (the disk is out of order, the database is closed), what was
   * measured last still holds.
   */
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
      // Where the measure says so, too, it also tells when there is room again.
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
 * Bytes by which the database may grow. With unused pages it may do so while half of the reserve is
 * free: as much as its log needs.
 */
const left = (room: (Room & Bounds) | undefined): number => {
  if (room === undefined) return Number.POSITIVE_INFINITY
  const { used, free, unused, reserve, limit = Number.POSITIVE_INFINITY } = room
  return Math.min(free + unused - reserve, free - reserve / 2, limit - used)
}
const hasRoom = (room: (Room & Bounds) | undefined): boolean => left(room) > 0
