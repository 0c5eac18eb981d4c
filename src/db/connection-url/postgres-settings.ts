// Settings of a session that a URL asks for, in parameters of their own or in `options`.
import type { Authority } from './authority.ts'
import { type Refusal, refuse } from './file.ts'
import { choice } from './tls.ts'

type Settings = { readonly settings: Readonly<Record<string, string>> }

const utf8 = { utf8: true, 'utf-8': true, unicode: true, auto: true } as const
const zones = { utc: true, 'etc/utc': true, gmt: true, z: true, '+00:00': true } as const
/** Reads and writes go to this one server. */
const writable = { any: true, 'read-write': true, primary: true, 'prefer-standby': true } as const
const plainGss = { disable: true, prefer: true } as const
const negotiations = { postgres: true } as const

export const settingsOf = (parameters: Authority['parameters']): Settings | Refusal => {
  const contradiction = [
    agrees(parameters, 'client_encoding', utf8),
    agrees(parameters, 'encoding', utf8),
    agrees(parameters, 'timezone', zones),
    agrees(parameters, 'target_session_attrs', writable),
    agrees(parameters, 'gssencmode', plainGss),
    agrees(parameters, 'sslnegotiation', negotiations),
  ].find((one) => one !== undefined)
  if (contradiction) return contradiction
  const options = inOptions(parameters.get('options') ?? '')
  if ('refused' in options) return options
  const schema = parameters.get('schema')
  const searchPath =
    parameters.get('search_path') ?? parameters.get('currentschema') ?? (schema && quoted(schema))
  const name = parameters.get('application_name') ?? parameters.get('applicationname')
  return {
    settings: {
      ...options.settings,
      ...(searchPath && { search_path: searchPath }),
      ...(name && { application_name: name }),
    },
  }
}

const agrees = (
  parameters: Authority['parameters'],
  name: string,
  words: Readonly<Record<string, true>>,
): Refusal | undefined => {
  const agreed = choice(name, parameters.get(name) || (Object.keys(words)[0] as string), words)
  return agreed === true ? undefined : agreed
}

/** Prisma's `schema` is one name. A search_path is a list of them. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** What the service itself sets, and what a URL may say of it; undefined: anything, as it makes no difference. */
const own: Readonly<Record<string, RegExp | undefined>> = {
  client_encoding: /^(utf-?8|unicode)$/i,
  timezone: /^(utc|etc\/utc|gmt)$/i,
  datestyle: /^iso\b/i,
  standard_conforming_strings: /^(on|true|1)$/i,
  default_transaction_isolation: undefined,
  default_transaction_deferrable: undefined,
  statement_timeout: undefined,
  lock_timeout: undefined,
  idle_in_transaction_session_timeout: undefined,
}

/**
 * `-c name=value` and `--name=value`, with a backslash before a space in a value. `name=value` alone (Neon's
 * `endpoint=…`, Supabase's `reference=…`) says to a proxy which database is meant, and is passed on.
 */
const inOptions = (text: string): Settings | Refusal => {
  const words = (text.replaceAll(/-c\s+/g, '-c').match(/(?:\\.|\S)+/g) ?? []).map((word) =>
    word.replaceAll(/\\(.)/g, '$1'),
  )
  const settings: Record<string, string> = {}
  for (const word of words) {
    const [, prefix, given = '', value = ''] = /^(--|-c)?([\w.-]+)=(.*)$/s.exec(word) ?? []
    const name = given.toLowerCase().replaceAll('-', '_')
    if (given === '')
      return refuse('has a parameter options that is not understood: write -c name=value, encoded')
    if (prefix === undefined) settings['options'] = word
    else if (!Object.hasOwn(own, name)) settings[name] = value
    else if (own[name]?.test(value) === false)
      return refuse(`sets ${name} in its options to what the service cannot work with: remove that`)
  }
  return { settings }
}
