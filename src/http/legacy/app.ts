// The contract of the backend that this replaces, and what its family's clients need around it: the
// same verbs, this translation. docs/original-contract.md is the whole of it as a table.
import type { Hono } from 'hono'
import type { Deps } from '../deps.ts'
import { withFallback } from '../fallback.ts'
import { type Api, createApi } from '../router.ts'
import { accountRoutes } from './accounts.ts'
import { accountPlaces, type TaskPlace, taskPlaces } from './endpoints.ts'
import { legacyProblem } from './problem.ts'
import { AnyBody, legacyRoutes } from './tasks.ts'

const mountTasks = (api: Api, { config }: Deps, naming: TaskPlace['naming']): void => {
  for (const { method, path, route } of taskPlaces(naming, config.legacy)) {
    const { id, operation, takes, idempotent, run } = route
    api.mount(
      {
        id,
        access: operation.access,
        method,
        path,
        anyQuery: true,
        ...(idempotent && { idempotent }),
        ...(takes && { body: AnyBody }),
        ...(takes?.optional && { bodyOptional: true }),
      },
      (call) => run(call, (call.body as Readonly<Record<string, unknown>> | undefined) ?? {}),
    )
  }
}

const mountAccounts = (api: Api): void => {
  for (const { method, path, route } of accountPlaces) {
    const { id, operation, body, guesses, run } = route
    api.mount(
      {
        id,
        access: operation.access,
        method,
        path,
        anyQuery: true,
        noStore: true,
        form: true,
        ...(body && { body: body.schema }),
        ...(guesses && { guesses }),
      },
      run,
    )
  }
}

/** The names below `/auth` that are accounts'; the others are pages. */
const ofAccounts = new Set(accountRoutes.flatMap(({ names }) => names))

export type Legacy = {
  /** The app that answers this path; undefined if it is none of the original's. */
  appFor(path: string): Hono | undefined
  readonly apps: readonly Hono[]
}

/**
 * The apps of the original contract. One has the paths that begin with a user's id. The others have
 * fixed paths, so the first segment chooses: in one app the parameter of the first would match them
 * too, and would make every match slower.
 */
export const createOriginal = (deps: Deps): Legacy => {
  const make = (mount: (api: Api) => void): Hono => {
    const api = createApi(deps, { strict: false, present: legacyProblem })
    mount(api)
    return withFallback(api.app, deps, legacyProblem)
  }
  const ofUser = make((api) => mountTasks(api, deps, 'named'))
  /** The first segments below `/api` that are not a user's. */
  const ofToken = new Set([
    'auth',
    ...legacyRoutes(deps.config.legacy).map(({ path }) => path.split('/')[1]),
  ])
  const fixed = make((api) => {
    mountTasks(api, deps, 'token')
    mountAccounts(api)
  })
  return {
    apps: [ofUser, fixed],
    appFor: (path) => {
      const [, first = '', second = ''] = path.split('/', 3)
      if (first === 'api') return ofToken.has(second) ? fixed : ofUser
      return first === 'auth' && ofAccounts.has(second) ? fixed : undefined
    },
  }
}
