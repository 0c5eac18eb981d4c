// What the platform gives a Worker: variables are text, everything else is a binding to a service
// of the platform.
import type { D1Database, Hyperdrive } from '@cloudflare/workers-types'
import type { Config } from '../../config.ts'
import { parseDatabaseUrl } from '../../db/connection-url.ts'
import { Refusal } from './refusal.ts'

/** The bindings that Taskport uses, among variables and other bindings. */
export type Bindings = Readonly<Record<string, unknown>> & {
  readonly DB?: D1Database
  readonly HYPERDRIVE?: Hyperdrive
}

/** The variables as text: `[vars]` may hold numbers and booleans. */
export const variablesIn = (bindings: Bindings): Record<string, string> =>
  Object.fromEntries(
    Object.entries(bindings)
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .map(([name, value]) => [name, String(value)]),
  )

/** Where the database is. */
export type DatabaseTarget =
  | { readonly kind: 'd1'; readonly binding: D1Database }
  | { readonly kind: 'libsql'; readonly url: string; readonly authToken?: string }
  | { readonly kind: 'hyperdrive'; readonly url: string }

const CHOICE =
  'bind a D1 database as DB, or Postgres by Hyperdrive as HYPERDRIVE, or set DATABASE_URL to a libSQL server'

/** The database that is configured. Throws Refusal if there is none, or more than one. */
export const databaseTargetOf = (
  { DB, HYPERDRIVE }: Bindings,
  { databaseUrl, databaseAuthToken }: Config,
): DatabaseTarget => {
  const named = [
    DB && 'the binding DB',
    HYPERDRIVE && 'the binding HYPERDRIVE',
    databaseUrl && 'DATABASE_URL',
  ].filter(Boolean)
  if (named.length > 1)
    throw new Refusal(`Several databases are named, by ${named.join(' and ')}: remove all but one`)
  if (DB) {
    // Another kind of binding, or a variable, under this name.
    if (typeof DB.prepare !== 'function')
      throw new Refusal('The binding DB is no D1 database: bind a D1 database as DB')
    return { kind: 'd1', binding: DB }
  }
  if (HYPERDRIVE) return behindHyperdrive(HYPERDRIVE)
  if (databaseUrl === undefined) throw new Refusal(`No database is bound to this Worker: ${CHOICE}`)
  const location = parseDatabaseUrl(databaseUrl)
  if (!('kind' in location) || location.kind !== 'libsql')
    throw new Refusal(
      `DATABASE_URL names ${reasons['kind' in location ? location.kind : 'folder']}: ${CHOICE}`,
    )
  return { ...location, ...(databaseAuthToken !== undefined && { authToken: databaseAuthToken }) }
}

const reasons = {
  folder: 'no database',
  file: 'a file, and a Worker has no disk',
  postgres: 'Postgres, which a Worker reaches by Hyperdrive only',
  mysql: 'MySQL or MariaDB, whose driver is too large for a Worker',
} as const

const behindHyperdrive = ({ connectionString }: Hyperdrive): DatabaseTarget => {
  const location = parseDatabaseUrl(connectionString)
  if (!('kind' in location) || location.kind !== 'postgres')
    throw new Refusal(
      'The binding HYPERDRIVE leads to another database than Postgres: bind Postgres',
    )
  return { kind: 'hyperdrive', url: location.url }
}
