// What keeps a copy: the caller has it in a database of the device, or in memory.
import type { Changes } from './schema.ts'

/** What the service has told. `begins`: it is all there is, so what the copy has besides must go. */
export type Page = Changes & { readonly begins: boolean }

/** A change that the user has made here, and that the service does not have yet. */
export type Entry = {
  readonly id: string
  /** The thing that it makes or changes, where the request names one. */
  readonly thing: string | undefined
  /** When it was made, in milliseconds since 1970. */
  readonly at: number
  readonly method: string
  /** As the OpenAPI document has it, such as `/api/v1/tasks/{id}`. */
  readonly path: string
  readonly params: object | undefined
  readonly body: unknown
  /** Why the service does not take it: it could not be saved. Such an entry waits for the user. */
  readonly refusal: Refusal | undefined
}

/** `body` is the problem that the service has answered. */
export type Refusal = { readonly status: number; readonly body: unknown }

type Eventually<T> = T | Promise<T>

/**
 * A copy of what one user has, and a queue of what that user has changed here. All that it gets is
 * plain JSON. Each of its functions does its work as a whole, or throws and does none of it.
 */
export type Store = {
  /** The token of the page that was put in last. */
  token(): Eventually<string | undefined>
  /**
   * Puts a page in, with its token, in one transaction: empties the copy first where the page
   * `begins`, then takes out what `gone` lists (a task takes its comments and reminders along), then
   * puts the rest in by its ids. The queue stays as it is.
   */
  apply(page: Page): Eventually<void>
  /** The queue, in the order in which its entries were first put. */
  entries(): Eventually<readonly Entry[]>
  /** Puts an entry at the end of the queue, or in the place of the one that has its id. */
  put(entry: Entry): Eventually<void>
  remove(id: string): Eventually<void>
}
