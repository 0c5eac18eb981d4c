import { LRUCache } from 'lru-cache'
import type { Statement } from '../../statement.ts'

/** Compiled statements that are kept. Lists with unusual filters are the first to be dropped. */
const MOST_STATEMENTS = 500

/** Keeps what `make` makes of the text of a statement. */
export const cachedByText = <T extends object>(make: (text: string) => T) => {
  const cache = new LRUCache<string, T>({ max: MOST_STATEMENTS })
  return ({ text }: Pick<Statement, 'text'>): T => {
    let found = cache.get(text)
    if (found === undefined) {
      found = make(text)
      cache.set(text, found)
    }
    return found
  }
}
