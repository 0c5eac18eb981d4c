// Calls between two processes, over the channel of a forked process and its parent. Each answers the
// calls of the other.
import { createDeferred, type Deferred } from '../../../core/deferred.ts'
import { deserializeError, type SerializedError, serializeError } from '../error-serialization.ts'
import { createSlotMap } from '../slot-map.ts'

/** What a process does for the other, by name. Inputs and outputs have to survive JSON. */
export type Methods = { readonly [name: string]: (input: never) => unknown }

/** The other process, with its methods `M`. */
export type Peer<M extends Methods> = {
  call<N extends keyof M & string>(
    name: N,
    ...input: Parameters<M[N]>
  ): Promise<Awaited<ReturnType<M[N]>>>
  /** Takes a message from the other process. */
  receive(message: unknown): void
  /** The other process has ended: calls that have no answer reject. */
  end(): void
}

type Call = readonly [id: number, name: string, input: unknown]
type Answer = readonly [id: number, output: unknown, error?: SerializedError]
type Message = { readonly calls: readonly Call[]; readonly answers: readonly Answer[] }

/** Calls to this process itself. */
export const localPeer = <M extends Methods>(own: M): Pick<Peer<M>, 'call'> => ({
  call: async (name, ...[input]) => (await own[name]?.(input as never)) as never,
})

/**
 * `send` sends a message to the other process, `own` are the methods that it may call. Everything
 * of one turn of the event loop goes as one message, in order.
 */
export const createPeer = <M extends Methods>(
  send: (message: object) => void,
  own: Methods,
): Peer<M> => {
  const waiting = createSlotMap<Deferred<unknown>>()
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
      outbox().answers.push([id, null, serializeError(error)])
    }
  }
  const settle = ([id, output, error]: Answer): void => {
    const caller = waiting.take(id)
    if (error) caller?.reject(deserializeError(error))
    else caller?.resolve(output)
  }
  return {
    call: (name, ...[input]) => {
      if (over) return Promise.reject(gone())
      const caller = createDeferred<unknown>()
      outbox().calls.push([waiting.put(caller), name, input])
      return caller.promise as never
    },
    receive: (message) => {
      const { calls, answers } = message as Message
      for (const one of answers) settle(one)
      for (const call of calls) void answer(call)
    },
    end: () => {
      over = true
      for (const { reject } of waiting.all()) reject(gone())
    },
  }
}

const gone = () => Object.assign(new Error('the other process has ended'), { code: 'ECONNRESET' })
