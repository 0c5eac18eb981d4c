// A client of GET /events.

export type Stream = {
  readonly response: Response
  /** The next event or comment; undefined at the end. */
  next(): Promise<string | undefined>
  /** The token of the next event. */
  token(): Promise<string>
  /** Reads until an event has this token. Answers how many that were. */
  until(token: string): Promise<number>
  cancel(): Promise<void>
}

export const streamOf = (response: Response): Stream => {
  const { status, body } = response
  if (status !== 200 || !body) throw new Error(`there is no stream: ${status}`)
  const reader = body.getReader()
  const decoder = new TextDecoder()
  let read = ''
  const next = async (): Promise<string | undefined> => {
    for (;;) {
      const end = read.indexOf('\n\n')
      if (end >= 0) {
        const event = read.slice(0, end)
        read = read.slice(end + 2)
        return event
      }
      const { done, value } = await reader.read()
      if (done) return undefined
      read += decoder.decode(value, { stream: true })
    }
  }
  const token = async (): Promise<string> => {
    for (;;) {
      const event = await next()
      if (event === undefined) throw new Error('the stream has ended')
      const [, data] = /^event: changes\ndata: (.*)$/.exec(event) ?? []
      if (data !== undefined) return JSON.parse(data).token
    }
  }
  return {
    response,
    next,
    token,
    until: async (wanted) => {
      for (let count = 1; ; count++) if ((await token()) === wanted) return count
    },
    cancel: () => reader.cancel(),
  }
}
