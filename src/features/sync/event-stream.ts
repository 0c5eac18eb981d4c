// One stream of events (WHATWG HTML, server-sent events) to one client: what it has not taken yet is
// one poke at most.

/** Texts for a client, the next one when it has taken the one before. */
export type EventStream = AsyncIterableIterator<string>

export type Sender = EventStream & {
  /** Says how far the log is, in place of what the client has not taken. */
  poke(token: string): void
  /** Keeps the connection from looking idle, where nothing else waits. */
  beat(): void
  end(): void
}

/** `closed` is called once, when either side has ended it. */
export const createSender = (closed: () => void): Sender => {
  let [waiting, sent, ended] = ['', '', false]
  let taker: ((result: IteratorResult<string>) => void) | undefined
  const hand = (): void => {
    if (!taker || (waiting === '' && !ended)) return
    const take = taker
    taker = undefined
    const value = waiting
    waiting = ''
    take(ended ? { done: true, value: undefined } : { done: false, value })
  }
  const end = (): void => {
    if (ended) return
    ended = true
    closed()
    hand()
  }
  const stream: Sender = {
    poke: (token) => {
      if (token === sent) return
      sent = token
      waiting = `event: changes\ndata: ${JSON.stringify({ token })}\n\n`
      hand()
    },
    beat: () => {
      if (waiting !== '') return
      waiting = ': still here\n\n'
      hand()
    },
    end,
    next: () =>
      new Promise((resolve) => {
        taker = resolve
        hand()
      }),
    return: async () => {
      end()
      return { done: true, value: undefined }
    },
    [Symbol.asyncIterator]: () => stream,
  }
  return stream
}
