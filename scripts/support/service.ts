// The service's configuration and its database, as commands use them.
import { existsSync } from 'node:fs'
import { type Config, parseConfig } from '../../src/config.ts'
import { parseDatabaseUrl } from '../../src/db/connection-url.ts'
import type { Option } from '../../src/runtimes/node/command-line.ts'
import { type DatabaseTarget, findDatabaseTarget } from '../../src/runtimes/node/database-target.ts'
import { makePrivately, probeExisting } from '../../src/runtimes/node/filesystem.ts'
import { Refusal } from '../../src/runtimes/node/refusal.ts'

/** What the help of such a command says. */
export const AS_CONFIGURED =
  'It takes the configuration of the service, from the same environment variables: docs/configuration.md.'
export const DRY_RUN: Option = { doc: 'says what would be done, and changes nothing' }
export const JSON_OUTPUT: Option = { doc: 'prints the result as JSON' }

export type Setting = { readonly config: Config; readonly target: DatabaseTarget }

/** Throws ConfigError and Refusal. With `make: false` no folder is made. */
export const readSetting = ({ make = true }: { readonly make?: boolean } = {}): Setting => {
  makePrivately()
  const config = parseConfig(process.env)
  const target = findDatabaseTarget(config, make ? {} : { make, probe: probeExisting })
  return { config, target }
}

export const isAbsent = (target: DatabaseTarget): boolean =>
  target.kind === 'file' && !existsSync(target.path)

/**
 * The service makes its database itself; a mistyped folder is not made into another one. Throws
 * Refusal.
 */
export const expectDatabase = (target: DatabaseTarget): void => {
  if (target.kind !== 'file' || !isAbsent(target)) return
  throw new Refusal(
    `${target.variable} leads to ${target.path}, which does not exist: correct it, or start the service once, which makes it`,
  )
}

const serverOf = (url: string): string | undefined => {
  const location = parseDatabaseUrl(url)
  return 'kind' in location && location.kind === 'libsql' ? new URL(location.url).host : undefined
}

/**
 * The token of the environment, for a URL without one. Where DATABASE_URL names a server the token is
 * of that one, and no other gets it.
 */
export const tokenFor = (
  url: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined => {
  const own = serverOf(env['DATABASE_URL'] ?? '')
  if (/[?&]authtoken=/i.test(url) || (own !== undefined && own !== serverOf(url))) return undefined
  return env['DATABASE_AUTH_TOKEN']?.trim() || undefined
}
