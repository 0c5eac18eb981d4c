// What servers that speak Request and Response themselves have in common: Bun's and Deno's.
import type { App } from '../../app.ts'
import type { Deps } from '../../http/deps.ts'
import { answerOf } from '../../http/problem.ts'
import { requestIdOf } from '../../http/request.ts'
import { malformed, problemResponse } from './faults.ts'
import type { Listening } from './platform.ts'

type Ends = {
  /** Accepts nothing any more, and answers when what runs is done. */
  stop(): Promise<void>
  /** Ends what runs. */
  cut(): void
}
type Handler<Peer extends object> = {
  handle(request: Request, peer: Peer): Response | Promise<Response>
  /** What is answered where the handler itself failed. */
  fail(error: unknown): Response
  drain(ends: Ends): Listening['drain']
}

export const handlerOf = <Peer extends object>(app: App, log: Deps['log']): Handler<Peer> => {
  let closing = false
  const closed = (response: Response): Response => {
    response.headers.set('Connection', 'close')
    return response
  }
  const answer = (request: Request, peer: Peer) =>
    // These servers take any Host header, and make a URL of it that is none.
    URL.canParse(request.url) ? app.fetch(request, peer) : problemResponse(malformed, requestIdOf(undefined))
  return {
    handle: (request, peer) => {
      const response = answer(request, peer)
      if (!closing) return response
      return response instanceof Promise ? response.then(closed) : closed(response)
    },
    fail: (error) => {
      const requestId = requestIdOf(undefined)
      log.error('request failed', { request_id: requestId, error })
      const { body, status, headers } = answerOf(error, { requestId, path: '', place: 'parameter' })
      return new Response(JSON.stringify(body), { status, headers: { ...headers, 'X-Request-Id': requestId } })
    },
    drain:
      ({ stop, cut }) =>
      async (graceMs) => {
        closing = true
        const timer = setTimeout(cut, graceMs)
        await stop()
        clearTimeout(timer)
      },
  }
}
