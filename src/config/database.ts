import { parseDatabaseUrl } from '../db/connection-url.ts'
import type { Given } from './variables.ts'

/**
 * A variable that is only for another kind of database is a fault: with the token of a libSQL server
 * and no URL the data would go into a file, and no line would say so.
 */
export const refuseMismatched = (given: Given, faults: string[]): void => {
  if (faults.some((line) => line.startsWith('DATABASE_URL '))) return
  const location = parseDatabaseUrl(given.DATABASE_URL)
  if ('refused' in location) return
  if (given.DATABASE_AUTH_TOKEN !== undefined && location.kind !== 'libsql')
    faults.push(
      'DATABASE_AUTH_TOKEN is only for a libSQL server, and DATABASE_URL names none: set DATABASE_URL to it, or remove DATABASE_AUTH_TOKEN',
    )
  for (const name of ['DISK_RESERVE', 'DATABASE_SIZE_LIMIT'] as const)
    if (given[name] !== undefined && location.kind !== 'folder' && location.kind !== 'file')
      faults.push(
        `${name} is only for a database in a file, and DATABASE_URL names a server, which has limits of its own: remove ${name}`,
      )
  const inUrl = location.kind === 'libsql' ? location.authToken : undefined
  if (
    inUrl !== undefined &&
    given.DATABASE_AUTH_TOKEN !== undefined &&
    inUrl !== given.DATABASE_AUTH_TOKEN
  )
    faults.push(
      'DATABASE_AUTH_TOKEN is another token than the authToken in DATABASE_URL: remove one of them',
    )
}
