// What is answered when no operation is: unknown paths, other methods, preflights, and errors
// before a handler.
import type { Context, Env, Hono } from 'hono'
import { corsOf, preflightAnswer } from './cors.ts'
import type { Deps } from './deps.ts'
import { NONE } from './observation.ts'
import { answerOf, codeOf, HttpProblem } from './problem.ts'
import { requestIdOf } from './request.ts'
import { responder } from './respond.ts'
import type { Answer } from './result.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/**
 * Gives an app its last words, each a problem with a request id: 404 for a path that it does not
 * know, 405 with `Allow` for a method that the path does not have, 500 for what a handler did not
 * foresee. OPTIONS is 204 on every path, so that a browser gets to see the real answer. Call it
 * when all routes are there.
 */
export const withFallback = <E extends Env, A extends Hono<E>>(
  app: A,
  deps: Pick<Deps, 'config' | 'observation'>,
  present = (problem: Answer): Answer => problem,
): A => {
  const respond = responder(deps.config, 'no-store')
  const cors = corsOf(deps.config.corsOrigins)
  const note = deps.observation.of(NONE, NONE)
  const refuse = (c: Context, error: unknown): Response => {
    const began = performance.now()
    const requestId = requestIdOf(c.req.header('x-request-id'))
    const response = respond(
      c,
      present(answerOf(error, { requestId, path: c.req.path, part: 'parameter' })),
      requestId,
    )
    note({ requestId, began, status: response.status, code: codeOf(error), error })
    return response
  }
  app.notFound((c) => {
    const allow = allowedOn(app, c.req.path)
    if (c.req.method === 'OPTIONS') {
      const answer = preflightAnswer(c, cors(c), allow || 'OPTIONS')
      const requestId = requestIdOf(c.req.header('x-request-id'))
      answer.headers.set('X-Request-Id', requestId)
      note({ requestId, began: performance.now(), status: answer.status })
      return answer
    }
    if (allow === '')
      return refuse(
        c,
        new HttpProblem(
          'not_a_route',
          'There is nothing at this path. GET /openapi.json lists what there is.',
        ),
      )
    return refuse(
      c,
      new HttpProblem('method_not_allowed', `This path takes ${allow}.`, { Allow: allow }),
    )
  })
  app.onError((error, c) => refuse(c, error))
  return app
}

/**
 * The methods that `path` has routes for, as `Allow` lists them; empty for a path that has none.
 */
const allowedOn = <E extends Env>(app: Hono<E>, path: string): string => {
  const found: string[] = METHODS.filter((method) => app.router.match(method, path)[0].length > 0)
  if (found.length === 0) return ''
  return [...found, ...(found.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
}
