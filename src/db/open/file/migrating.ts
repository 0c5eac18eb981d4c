import { createLedger, type Migration, pending } from '../../migrate.ts'
import type { Connection } from './connection.ts'
import { ledgerOf } from './connection.ts'
import type { Transactions } from './transactions.ts'

/**
 * Applies the missing migrations in one transaction. Its write lock makes other processes that
 * start at the same time wait. Returns the tags of those that were applied.
 */
export const applyMissing = (
  connection: Connection,
  transactions: Transactions,
  migrations: readonly Migration[],
): string[] => {
  transactions.begin()
  try {
    connection.exec(createLedger('text'))
    const missing = pending(migrations, ledgerOf(connection))
    for (const { tag, statements } of missing) {
      for (const statement of statements) connection.exec(statement)
      connection.prepare("insert into migrations (tag, state) values (?, 'done')").run([tag])
    }
    transactions.commit()
    return missing.map(({ tag }) => tag)
  } catch (failure) {
    transactions.rollback()
    throw failure
  }
}
