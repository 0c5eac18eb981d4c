// What the statements rely on in a session. A role (`alter role … set`), a database or a server may have other
// defaults, which change what a statement does or how a value is written. What a client sends when it connects
// comes before them.
import type { Sql } from 'postgres'
import { UnsuitableDatabase } from '../../unsuitable.ts'
import { rowsOf } from './rows.ts'

/** Settings that poolers keep apart for each of their clients (PgBouncer tracks these). */
const everywhere = {
  application_name: 'taskport',
  // Instants are read as text.
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  standard_conforming_strings: 'on',
}

/**
 * The server ends a transaction after so many milliseconds without a statement, so that a client
 * that is out of reach does not keep its locks.
 */
const IDLE_IN_TRANSACTION_MS = 5_000

type Asked = {
  /** Milliseconds that a statement may take. 0 is any time. */
  readonly statementTimeout: number
  /** Behind a pooler that shares sessions, and refuses settings that it does not know. */
  readonly pooled: boolean
  /** Settings that the operator has asked for. */
  readonly own?: Readonly<Record<string, string>> | undefined
}

/**
 * What a connection begins with. All values are text: the driver leaves out the number 0.
 *
 * Whether transactions may write (`default_transaction_read_only`) is left to the server: who has made a
 * database read-only, before it is moved for example, wants no writes.
 */
export const sessionSettings = ({
  statementTimeout,
  pooled,
  own,
}: Asked): Readonly<Record<string, string>> => ({
  ...everywhere,
  ...(!pooled && {
    statement_timeout: String(statementTimeout),
    idle_in_transaction_session_timeout: String(IDLE_IN_TRANSACTION_MS),
    // The limit of a statement ends its waiting, too.
    lock_timeout: '0',
    default_transaction_isolation: 'read committed',
    default_transaction_deferrable: 'off',
  }),
  ...own,
})

/** Settings that must be so, what `current_setting` says of them, and what to do where they are not. */
const expected: readonly (readonly [string, RegExp, string])[] = [
  ['client_encoding', /^UTF-?8$/i, 'let its pooler pass on what clients ask for'],
  ['standard_conforming_strings', /^on$/, 'set it to on for this role (alter role … set)'],
  ['DateStyle', /^ISO/, 'set it to ISO for this role (alter role … set)'],
  [
    'session_replication_role',
    /^(origin|local)$/,
    'reset it for this role (alter role … reset), because foreign keys are not kept with it',
  ],
]

const reading = `select to_regclass('migrations') is not null as ledger, current_schema() as schema, current_database() as database, current_setting('server_encoding', true) as server_encoding, ${expected.map(([name]) => `current_setting('${name}', true) as "${name}"`).join(', ')}`

/**
 * Whether the database has a ledger of migrations. The same query finds settings that do not suit, so that
 * this costs nothing where a database is opened often. Throws UnsuitableDatabase.
 */
export const findLedger = async (
  sql: Sql,
  { onlyRead }: { readonly onlyRead: boolean },
): Promise<boolean> => {
  const [found] = rowsOf(await sql.unsafe(reading))
  const encoding = found?.['server_encoding']
  // What is only read may be in any encoding: the server converts it.
  if (encoding != null && encoding !== 'UTF8' && !onlyRead)
    throw new UnsuitableDatabase(
      `its encoding is ${encoding}, which does not hold all text; make a database in UTF8 (create database … encoding 'UTF8' template template0), and name that, or move the data to it by npm run db:copy`,
    )
  if (found?.['schema'] == null)
    throw new UnsuitableDatabase(
      'no schema of its search_path exists for this user; make the schema, or correct the search_path (a parameter of the URL, or alter role … set search_path)',
    )
  for (const [name, right, remedy] of expected) {
    const value = found?.[name]
    if (value != null && !right.test(value))
      throw new UnsuitableDatabase(`its ${name} is ${value} in this session; ${remedy}`)
  }
  return Boolean(found?.['ledger'])
}
