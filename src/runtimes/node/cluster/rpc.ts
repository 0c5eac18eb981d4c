// Calls between two processes, over the channel that a forked one has with its parent: each answers
// the other's.
import { type ErrorWords, errorOf, wordsOf } from '../error-serialization.ts'
import { createPlaces } from '../slot-map.ts'

/** What a process does for the other, by name. What is given and answered has to survive JSON. */
export type Calls = { readonly [name: string]: (input: never) => unknown }

/** The other process, with the calls `C` that it answers. */
export type Peer<C extends Calls> = {
  ask<N extends keyof C & string>(
    name: N,
    ...input: Parameters<C[N]>
  ): Promise<Awaited<ReturnType<C[N]>>>
  /** Takes a message from the other process. */
  hear(message: unknown): void
  /** The other process is gone: what it was asked rejects. */
  end(): void
}

type Call = readonly [id: number, name: string, input: unknown]
type Answer = readonly [id: number, output: unknown, error?: ErrorWords]
type Message = { readonly calls: readonly Call[]; readonly answers: readonly Answer[] }

/** Calls within one process, as if it were two. */
export const selfOf = <C extends Calls>(own: C): Pick<Peer<C>, 'ask'> => ({
  ask: async (name, ...[input]) => (await own[name]?.(input as never)) as never,
})

/**
 * `send` takes a message to the other process, `own` is what that one may ask. Everything that is
 * said within one turn of the event loop goes as one message, in the order in which it was said.
 */
export const createPeer = <C extends Calls>(
  send: (message: object) => void,
  own: Calls,
): Peer<C> => {
  const waiting = createPlaces<PromiseWithResolvers<unknown>>()
  let outgoing: { calls: Call[]; answers: Answer[] } | undefined
  let over = false

  const outbox = () => {
    if (outgoing === undefined) {
      outgoing = { calls: [], answers: [] }
      setImmediate(() => {
        const message = outgoing
        outgoing = undefined
        if (message && !over) send(message)
      })
    }
    return outgoing
  }
  const answer = async ([id, name, input]: Call): Promise<void> => {
    try {
      const output = await own[name]?.(input as never)
      outbox().answers.push([id, output])
    } catch (error) {
      outbox().answers.push([id, null, wordsOf(error)])
    }
  }
  const settle = ([id, output, error]: Answer): void => {
    const asker = waiting.take(id)
    if (error) asker?.reject(errorOf(error))
    else asker?.resolve(output)
  }
  return {
    ask: (name, ...[input]) => {
      if (over) return Promise.reject(gone())
      const asker = Promise.withResolvers<unknown>()
      outbox().calls.push([waiting.put(asker), name, input])
      return asker.promise as never
    },
    hear: (message) => {
      const { calls, answers } = message as Message
      for (const said of answers) settle(said)
      for (const call of calls) void answer(call)
    },
    end: () => {
      over = true
      for (const { reject } of waiting.all()) reject(gone())
    },
  }
}

const gone = () => Object.assign(new Error('the other process has ended'), { code: 'ECONNRESET' })
