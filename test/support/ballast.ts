// What makes a database file, and its backups, large.
import { randomBytes } from 'node:crypto'
import { openFile } from '../../src/db/open/file.ts'
import { rawQuery, write } from '../../src/db/statement.ts'

const CHUNK = 2 ** 20

/**
 * Puts so many mebibytes into a database file that nothing else uses; they cannot be compressed.
 */
export const addBallast = async (path: string, mebibytes: number): Promise<void> => {
  const db = openFile(path)
  const plain = (text: string, cells: unknown[]) => write({ text, bind: () => cells as never }, {})
  await db.atomic([plain('create table ballast (bytes blob)', [])])
  for (let i = 0; i < mebibytes; i++)
    await db.atomic([plain('insert into ballast values (?)', [randomBytes(CHUNK)])])
  await db.close()
}
/** How many mebibytes are there. */
export const ballastOf = async (path: string): Promise<number> => {
  const db = openFile(path)
  const rows = await db.all(
    rawQuery<{ bytes: number }>('select sum(length(bytes)) from ballast', ['bytes']),
  )
  await db.close()
  return Number(rows[0]?.bytes) / CHUNK
}
