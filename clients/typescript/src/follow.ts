// Keeps a copy in step with the service, and sends what was changed here.
import { createBell } from './bell.ts'
import { type ChangeInit, type ChangeMethod, type ChangePath, entryOf } from './change.ts'
import type { Api } from './client.ts'
import { isPassing, TaskportError } from './errors.ts'
import { listen } from './listen.ts'
import { backoff, sleep } from './pause.ts'
import { pull } from './pull.ts'
import { push } from './push.ts'
import type { Task } from './schema.ts'
import type { Entry, Store } from './store.ts'

/** Why it has ended; `refused`: the credential may not read all data, say. */
export type Ending =
  | { readonly kind: 'stopped' | 'signed_out' }
  | { readonly kind: 'refused'; readonly error: TaskportError }

export type FollowState =
  | { readonly kind: 'working' }
  /** The copy is what the service has, and nothing waits to be sent. */
  | { readonly kind: 'current' }
  /** It tries again after so many milliseconds. */
  | { readonly kind: 'waiting'; readonly error: unknown; readonly ms: number }
  | Ending

export type FollowOptions = {
  readonly onState?: (state: FollowState) => void
}

export type Following = {
  /**
   * Puts a change into the queue, which is sent when the service can be reached, in its order. What
   * makes a task, a project or a label gets an id here, which is `thing` of the entry.
   */
  send<M extends ChangeMethod, P extends ChangePath<M>>(
    method: M,
    path: P,
    init: ChangeInit<M, P>,
  ): Promise<Entry>
  /** Completes a task; of a recurring one the occurrence that the copy shows, and no other. */
  complete(task: Pick<Task, 'id' | 'occurrence'>): Promise<Entry>
  /** Sends an entry again that was refused. One that is not wanted any more is removed in the store. */
  retry(entry: Entry): Promise<void>
  /** Looks at once: when the app comes to the front, say. */
  wake(): void
  /** Ends it. Resolves when nothing is written to the store any more. */
  stop(): Promise<void>
  /** Resolves when it has ended, and with why. */
  readonly done: Promise<Ending>
}

/**
 * Keeps `store` in step with what the user of `api` has, until `stop`, or until the session has
 * ended. One at a time may follow with a store.
 */
export const follow = (
  api: Api,
  store: Store,
  { onState = () => {} }: FollowOptions = {},
): Following => {
  const stopping = new AbortController()
  const { signal } = stopping
  const asked = createBell(signal)
  let waking = new AbortController()
  /** `told`: for as long as the service has asked for. */
  let waiting: 'no' | 'itself' | 'told' = 'no'
  let failures = 0
  let ending: Ending = { kind: 'stopped' }

  const pause = (ms: number) => sleep(ms, AbortSignal.any([signal, waking.signal]))
  const wake = () => {
    asked.ring()
    waking.abort()
    waking = new AbortController()
  }

  const succeeded = () => {
    failures = 0
  }
  const step = async (): Promise<void> => {
    const failure = await push(api, store, signal, succeeded).then(
      () => undefined,
      (error: unknown) => ({ error }),
    )
    // The service may take no changes now and still tell them.
    await pull(api, store, signal)
    if (failure) throw failure.error
  }

  const work = async (): Promise<void> => {
    asked.ring()
    for (;;) {
      await asked.heard()
      if (signal.aborted) return
      try {
        onState({ kind: 'working' })
        await step()
        succeeded()
        if (!asked.hasRung && !signal.aborted) onState({ kind: 'current' })
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof TaskportError && !isPassing(error)) {
          ending = error.status === 401 ? { kind: 'signed_out' } : { kind: 'refused', error }
          return stopping.abort()
        }
        const retryAfter = error instanceof TaskportError ? (error.retryAfter ?? 0) : 0
        const ms = Math.max(backoff(failures++), retryAfter)
        asked.ring()
        waiting = retryAfter > 0 ? 'told' : 'itself'
        onState({ kind: 'waiting', error, ms })
        await pause(ms)
        waiting = 'no'
      }
    }
  }

  const look = async (token: string): Promise<void> => {
    if (waiting === 'told') return
    // A poke also says that the service can be reached again.
    if (waiting === 'itself' || token !== (await store.token())) wake()
  }
  const listener = {
    poked: (token: string) => void look(token).catch(wake),
    missed: asked.ring,
    pause,
  }

  const platform = globalThis as Partial<EventTarget>
  platform.addEventListener?.('online', wake)
  const done = Promise.all([work(), listen(api, listener, signal)]).then(() => {
    platform.removeEventListener?.('online', wake)
    onState(ending)
    return ending
  })

  const queue = async (entry: Entry): Promise<Entry> => {
    await store.put(entry)
    asked.ring()
    return entry
  }
  return {
    send: (method, path, init) => queue(entryOf(method, path, init as object)),
    complete: ({ id, occurrence }) =>
      queue(
        entryOf('post', '/api/v1/tasks/{id}/complete', {
          params: { path: { id } },
          body: occurrence ? { occurrence } : {},
        } as object),
      ),
    retry: async (entry) => {
      await queue({ ...entry, refusal: undefined })
    },
    wake,
    stop: async () => {
      stopping.abort()
      await done
    },
    done,
  }
}
