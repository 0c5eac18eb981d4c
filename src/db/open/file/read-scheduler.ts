import { ClosedDatabase, type Connection } from './connection.ts'

/**
 * Characters of lists in one turn of the event loop. Others come in between, and the rows of a turn
 * are in memory until all of them are read. With six pages of fifty tasks in a turn, garbage
 * collection takes a third less than with thirty-two.
 */
const MOST_LISTED = 2 ** 17
/**
 * Milliseconds of lists in one turn. The length of the texts does not show how long a list took that
 * found little.
 */
const MOST_LISTING_MS = 10

export type ReadScheduler = {
  /** Runs a read of one row at the end of this turn of the event loop. */
  point<R>(read: () => R): Promise<R>
  /** Runs a read of a list at the end of this turn or in a later one, in the order of the calls. */
  list<R>(read: () => R): Promise<R>
  /** Counts the characters of a list against what one turn may take. */
  countListed(characters: number): void
}

/**
 * Reads run at the end of the turn in which they were asked for. What arrived together leaves
 * together: in one write to each socket. They share a transaction, because half of the time that it
 * takes to read a row is the begin and the end of a transaction.
 */
export const createReadScheduler = (
  connection: Pick<Connection, 'prepare' | 'inTransaction'>,
  isClosed: () => boolean,
): ReadScheduler => {
  const begin = connection.prepare('begin')
  const commit = connection.prepare('commit')
  const points: (() => void)[] = []
  const lists: (() => void)[] = []
  let listed = 0
  let isDue = false

  const becomeDue = () => {
    if (isDue) return
    isDue = true
    setImmediate(answer)
  }
  const answer = () => {
    isDue = false
    const together = points.length + lists.length > 1 && hasBegun()
    for (const read of points.splice(0)) read()
    runLists()
    if (lists.length > 0) becomeDue()
    // A disk that fails may have ended the transaction.
    if (together && connection.inTransaction) commit.run([])
  }
  const runLists = () => {
    listed = 0
    const began = lists.length > 1 ? performance.now() : 0
    do lists.shift()?.()
    while (lists.length > 0 && listed < MOST_LISTED && performance.now() - began < MOST_LISTING_MS)
  }
  /** Without a transaction each read runs alone, and rejects with its own error. */
  const hasBegun = (): boolean => {
    if (isClosed()) return false
    try {
      begin.run([])
      return true
    } catch {
      return false
    }
  }
  const inTurn = <R>(waiting: (() => void)[], read: () => R): Promise<R> =>
    new Promise((resolve, reject) => {
      waiting.push(() => {
        try {
          if (isClosed()) throw new ClosedDatabase()
          resolve(read())
        } catch (error) {
          reject(error)
        }
      })
      becomeDue()
    })
  return {
    point: (read) => inTurn(points, read),
    list: (read) => inTurn(lists, read),
    countListed: (characters) => {
      listed += characters
    },
  }
}
