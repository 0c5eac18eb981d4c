/** Things that come and go quickly, each under a number for as long as it is there. */
export type SlotMap<T> = {
  /** Answers the number, which is given out again when the thing has been taken. */
  put(thing: T): number
  /** The thing with this number, which is then no longer there. */
  take(number: number): T | undefined
  all(): T[]
}

/**
 * Instead of a Map or a Set where every request puts something in and takes it out: their tables
 * are made anew all the time, and each that has grown old before it is thrown away keeps alive what
 * was in it, and the next table. That took a fifth of the time.
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
