// Migrations on Postgres.
import type { TransactionSql } from 'postgres'
import { createLedger, type LedgerRow, type Migration, pending, readLedger } from '../../migrate.ts'

/** Applies all missing migrations or none. One process migrates at a time. */
export const applyMissing = async (
  tx: TransactionSql,
  migrations: readonly Migration[],
): Promise<string[]> => {
  await tx`set local statement_timeout = 0`
  await tx`set local lock_timeout = 0`
  await tx`set local idle_in_transaction_session_timeout = 0`
  await tx`select pg_advisory_xact_lock(hashtext('taskport.migrate'))`
  await tx.unsafe(createLedger('text'))
  const missing = pending(migrations, (await tx.unsafe(readLedger)) as unknown as LedgerRow[])
  if (missing.length > 0) await holdOffWriters(tx)
  for (const { tag, statements } of missing) {
    for (const statement of statements) await tx.unsafe(inOwnSchema(statement))
    await tx`insert into migrations (tag, state) values (${tag}, 'done')`
  }
  return missing.map(({ tag }) => tag)
}

/**
 * drizzle-kit names the schema `public` in references. The tables are in the first schema of the search_path.
 */
const inOwnSchema = (statement: string): string => statement.replaceAll('"public".', '')

/**
 * Waits for the batches that have begun, and makes others wait until this transaction is over. Each
 * batch begins with a read of the ledger, or in older versions with a row of `users`. So no batch
 * is half done when the tables change, and no batch that has read the old ledger writes after that.
 */
const holdOffWriters = async (tx: TransactionSql): Promise<void> => {
  await tx`lock table migrations in access exclusive mode`
  const [exists] = await tx`select to_regclass('users') is not null as users`
  if (exists?.['users']) await tx`lock table users in access exclusive mode`
}
