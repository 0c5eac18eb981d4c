// What can be said of a database file from outside, while the service runs on it.
import { openFile } from '../../src/db/open/file.ts'
import { rawQuery } from '../../src/db/statement.ts'

/** The faults that SQLite finds in the file, and counters that do not count what is there. */
export const faultsOf = async (path: string): Promise<unknown[]> => {
  const db = openFile(path)
  try {
    const integrity = await db.all(
      rawQuery<{ result: string }>('pragma integrity_check', ['result']),
    )
    const counted = (counter: string, table: string) =>
      `select '${counter}' as counter, id, ${counter}, (select count(*) from ${table} where owner_id = users.id) as found from users where ${counter} <> found`
    return [
      ...integrity.filter(({ result }) => result !== 'ok'),
      ...(await db.all(rawQuery('pragma foreign_key_check', ['table', 'rowid', 'parent', 'fkid']))),
      ...(await db.all(
        rawQuery(counted('task_count', 'tasks'), ['counter', 'user', 'says', 'found']),
      )),
      ...(await db.all(
        rawQuery(counted('label_count', 'labels'), ['counter', 'user', 'says', 'found']),
      )),
    ]
  } finally {
    await db.close()
  }
}
