import type { Result, Router } from 'hono/router'
import { RegExpRouter } from 'hono/router/reg-exp-router'

/**
 * Looks for fixed paths before those with parameters. Hono's fastest router takes no fixed segment
 * beside a parameter (`/tasks/bulk` beside `/tasks/:id/move`), and the one that Hono chooses then
 * takes a twentieth of a request for a task. Where both kinds match, only the fixed path does: so
 * it is for apps without middleware.
 */
export class FixedPathsFirst<T> implements Router<T> {
  readonly name = 'FixedPathsFirst'
  readonly #fixed = new RegExpRouter<T>()
  readonly #others = new RegExpRouter<T>()

  add(method: string, path: string, handler: T): void {
    const router = /[:*]/.test(path) ? this.#others : this.#fixed
    router.add(method, path, handler)
  }

  match(method: string, path: string): Result<T> {
    const found = this.#fixed.match(method, path)
    return found[0].length > 0 ? found : this.#others.match(method, path)
  }
}
