import type { Context, Hono } from 'hono'
import type { Deps } from './deps.ts'
import { requestIdOf } from './request.ts'

/** Answers without asking who is calling. The answer has to name the request. */
type Answering = (c: Context, requestId: string) => Response | Promise<Response>

/** Mounts what answers GET at paths outside the API, and notes each answer. */
export const openRoutes =
  (app: Hono, { observation }: Pick<Deps, 'observation'>) =>
  (path: string, answer: Answering): void => {
    const note = observation.of(path, `GET ${path}`)
    app.get(path, (c): Response | Promise<Response> => {
      const began = performance.now()
      const requestId = requestIdOf(c.req.header('x-request-id'))
      const noted = (response: Response): Response => {
        note({ requestId, began, status: response.status })
        return response
      }
      const response = answer(c, requestId)
      return response instanceof Promise ? response.then(noted) : noted(response)
    })
  }
