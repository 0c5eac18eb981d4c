// A batch of writes as one transaction in two round trips: behind its beginning, the writes and its
// end are sent together, and the server itself undoes what must not be done.
import type { Row, Sql, TransactionSql } from 'postgres'
import { findNewer, Superseded } from '../../migrate.ts'
import type { Statement, Write } from '../../statement.ts'
import { isConnectionLost } from '../reconnecting-client.ts'
import { Stale } from '../stale.ts'

/** What these conditions fail with where they do not hold (`division_by_zero`). */
const FAILED = '22012'

/** A query that fails where the ledger has a migration after `lastMigration`. */
export const withoutNewer = (lastMigration: string): string =>
  `select 1 / (1 - least(count(*), 1)::int) from (${findNewer(lastMigration)}) as found`

const touching = new WeakMap<Statement, string>()
/** The write, which fails where it touches no row, and answers how many it has touched. */
const touchingRows = (statement: Statement): string => {
  const known = touching.get(statement)
  if (known !== undefined) return known
  const text = `with touched as (${statement.text} returning 1) select count(*)::int as touched, 1 / count(*)::int as some from touched`
  touching.set(statement, text)
  return text
}

/**
 * A statement has to be prepared again: the server has forgotten it, or its table has changed. The
 * driver would run it again behind the end of its transaction.
 */
class StatementLost extends Error {
  /** As of a lost connection: the client is replaced. */
  readonly code = 'CONNECTION_STATEMENT_LOST'
}
/** The driver sets this property of a query that it is about to repeat. */
const notRepeated = {
  get: () => undefined,
  set: () => {
    throw new StatementLost('a prepared statement is not valid any more')
  },
}

type BatchOptions = {
  /** Numbers of writes that have to touch a row. */
  readonly mustTouch: readonly number[]
  /** Fails where there are migrations that this version does not know. */
  readonly look: string | undefined
  /** Throws where nothing is to be sent any more. */
  check(): void
}

/**
 * Runs the writes in a read committed transaction, also where the server has another default, and
 * answers how many rows each has touched. The first failure counts, as if they ran one by one. Throws Stale
 * and Superseded. Where it throws anything but a lost connection, nothing was done.
 */
export const runBatch = async (
  sql: Sql,
  writes: readonly Write[],
  { mustTouch, look, check }: BatchOptions,
): Promise<number[]> => {
  const conditional = writes.map((_, i) => mustTouch.includes(i))
  const texts = writes.map(({ statement }, i) =>
    conditional[i] ? touchingRows(statement) : statement.text,
  )
  const values = writes.map(({ statement, values }) => statement.bind(values as never))

  const results = await inTransaction(sql, (tx) => {
    check()
    const send = (text: string, values: readonly unknown[] = []) =>
      Object.defineProperty(
        tx.unsafe(text, values as never[], { prepare: true }),
        'retried',
        notRepeated,
      )
    return [
      ...(look === undefined ? [] : [send(look)]),
      ...texts.map((text, i) => send(text, values[i])),
      tx.unsafe('commit'),
    ]
  })
  const ahead = look === undefined ? 0 : 1
  const answers = results.map((result, at) => {
    if (result.status === 'fulfilled') return result.value
    if (result.reason.code !== FAILED) throw result.reason
    const i = at - ahead
    if (conditional[i]) throw new Stale()
    throw i < 0 ? new Superseded() : result.reason
  })
  return answers.slice(ahead, -1).map(({ 0: row, count }) => row?.['touched'] ?? count)
}

type Answer = readonly Row[] & { readonly count: number }

/**
 * Begins a transaction and makes the queries of `ask`, of which the last one ends it, without
 * waiting in between. Answers what becomes of them; rejects where the connection is lost.
 */
const inTransaction = (
  sql: Sql,
  ask: (tx: TransactionSql) => readonly Promise<Answer>[],
): Promise<PromiseSettledResult<Answer>[]> =>
  new Promise((resolve, reject) => {
    sql
      .begin('isolation level read committed', (tx) => {
        const queries = ask(tx)
        Promise.allSettled(queries).then(resolve)
        // The driver never settles those that it has not sent by then.
        for (const query of queries)
          query.catch((error: unknown) => {
            if (isConnectionLost(error)) reject(error)
          })
        // Never settles: the driver would commit again, which is done already, on a connection that
        // others may have by then.
        return new Promise<never>(() => {})
      })
      .catch(reject)
  })
