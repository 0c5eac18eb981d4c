/** Keeps values under numbers for a short time. */
export type SlotMap<T> = {
  /** Adds a value. Returns its number, which is used again after `take`. */
  put(thing: T): number
  /** Removes and returns the value with this number. */
  take(number: number): T | undefined
  all(): T[]
}

/**
 * Replaces a Map or a Set for values that each request adds and removes. Their hash tables are
 * rebuilt all the time. Those that survive a minor garbage collection keep alive what was in them,
 * and the next table. That took a fifth of the time of a request.
 */
export const createSlotMap = <T>(): SlotMap<T> => {
  const things: (T | undefined)[] = []
  const free: number[] = []
  return {
    put: (thing) => {
      const number = free.pop() ?? things.length
      things[number] = thing
      return number
    },
    take: (number) => {
      const thing = things[number]
      if (thing === undefined) return undefined
      things[number] = undefined
      free.push(number)
      return thing
    },
    all: () => things.filter((thing) => thing !== undefined),
  }
}
