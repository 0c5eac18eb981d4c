// Where the tokens of a session are kept.
import type { Tokens } from './schema.ts'

/** What a client keeps of a session: all that signing in answers may be given. */
export type TokenPair = Pick<Tokens, 'access_token' | 'refresh_token'>

/** Tabs that share a storage share the session. */
export type TokenStorage = {
  read(): TokenPair | undefined | Promise<TokenPair | undefined>
  /** Replaces what is there; `undefined` takes it away. */
  write(tokens: TokenPair | undefined): void | Promise<void>
}

/** For programs and tests: the session ends with the process. */
export const memoryTokens = (): TokenStorage => {
  let held: TokenPair | undefined
  return {
    read: () => held,
    write: (tokens) => {
      held = tokens
    },
  }
}

/** What is needed of the `Storage` of a page, of which not every platform knows the type. */
type WebStorage = {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/**
 * In the storage of a page: `localStorage`, or `sessionStorage` for one tab. What is there can be
 * read by every script of the page.
 */
export const webTokens = (storage: WebStorage, key = 'taskport-tokens'): TokenStorage => ({
  read: () => {
    const text = storage.getItem(key)
    return text === null ? undefined : (JSON.parse(text) as TokenPair)
  },
  write: (tokens) => {
    if (tokens) storage.setItem(key, JSON.stringify(tokens))
    else storage.removeItem(key)
  },
})
