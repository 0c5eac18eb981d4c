// Each method and path of the original contract, from the tables of its routes: what is mounted, and
// what its document shows.
import type { Method } from '../endpoint.ts'
import { type AccountRoute, accountRoutes } from './accounts.ts'
import { type LegacyOptions, type LegacyRoute, legacyRoutes } from './tasks.ts'

/** A path that names its user, and one that takes the user from the token. */
const taskPrefixes = { named: '/api/{user_id}', token: '/api' } as const
type Naming = keyof typeof taskPrefixes
export const accountPrefixes = ['/api/auth', '/auth'] as const

type Place = { readonly method: Method; readonly path: string }
export type TaskPlace = Place & { readonly naming: Naming; readonly route: LegacyRoute }
export type AccountPlace = Place & {
  readonly prefix: (typeof accountPrefixes)[number]
  readonly name: string
  readonly route: AccountRoute
}

export const taskPlaces = (naming: Naming, options: LegacyOptions): TaskPlace[] =>
  legacyRoutes(options).flatMap((route) =>
    route.methods.map((method) => ({
      method,
      path: taskPrefixes[naming] + route.path,
      naming,
      route,
    })),
  )

export const accountPlaces: readonly AccountPlace[] = accountRoutes.flatMap((route) =>
  route.methods.flatMap((method) =>
    route.names.flatMap((name) =>
      accountPrefixes.map((prefix) => ({ method, path: `${prefix}/${name}`, prefix, name, route })),
    ),
  ),
)
