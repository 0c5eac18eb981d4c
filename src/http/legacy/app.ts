// The contract of the backend that this replaces, and what its family's clients need around it: the
// same verbs, this translation. docs/original-contract.md is the whole of it as a table.
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Deps } from '../deps.ts'
import { withFallback } from '../fallback.ts'
import { type Api, createApi } from '../router.ts'
import { accountRoutes } from './accounts.ts'
import { legacyProblem } from './problem.ts'
import { AnyBody, legacyRoutes } from './tasks.ts'

const OF_USER = '/api/{user_id}'
const OF_TOKEN = '/api'
const AUTH = ['/api/auth', '/auth'] as const

const mountTasks = (api: Api, { config }: Deps, prefix: string): void => {
  for (const { methods, path, takes, run, ...route } of legacyRoutes(config.legacy))
    for (const method of methods)
      api.mount(
        {
          ...route,
          method,
          path: prefix + path,
          anyQuery: true,
          ...(takes && { body: AnyBody }),
          ...(takes === 'optional body' && { bodyOptional: true }),
        },
        (call) => run(call, (call.body as Readonly<Record<string, unknown>> | undefined) ?? {}),
      )
}

const mountAccounts = (api: Api): void => {
  for (const { methods, names, ...route } of accountRoutes)
    for (const method of methods)
      for (const name of names)
        for (const prefix of AUTH)
          api.mount(
            {
              ...route,
              method,
              path: `${prefix}/${name}`,
              anyQuery: true,
              noStore: true,
              form: true,
            },
            route.run,
          )
}

/** The names below `/auth` that are accounts'; the others are pages. */
const ofAccounts = new Set(accountRoutes.flatMap(({ names }) => names))

export type Legacy = {
  /** The app that answers this path; undefined if it is none of the original's. */
  appFor(path: string): OpenAPIHono | undefined
  readonly apps: readonly OpenAPIHono[]
}

/**
 * The apps of the original contract. One has the paths that begin with a user's id. The others have
 * fixed paths, so the first segment chooses: in one app the parameter of the first would match them
 * too, and would make every match slower.
 */
export const createOriginal = (deps: Deps): Legacy => {
  const make = (mount: (api: Api) => void): OpenAPIHono => {
    const api = createApi(deps, { strict: false, present: legacyProblem })
    mount(api)
    return withFallback(api.app, deps, legacyProblem)
  }
  const ofUser = make((api) => mountTasks(api, deps, OF_USER))
  /** The first segments below `/api` that are not a user's. */
  const ofToken = new Set([
    'auth',
    ...legacyRoutes(deps.config.legacy).map(({ path }) => path.split('/')[1]),
  ])
  const fixed = make((api) => {
    mountTasks(api, deps, OF_TOKEN)
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
