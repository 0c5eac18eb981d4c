// Batches of writes that a worker sends to the process that writes the database file.
import type { Database } from '../../../db/database.ts'
import { type Statement, type Write, write } from '../../../db/statement.ts'
import type { PrimaryMethods, SentBatch, SentWrite } from './protocol.ts'
import type { Peer } from './rpc.ts'

/** The worker's side. Each text is sent once: the program has a fixed number of them. */
export const sendBatches = (primary: Pick<Peer<PrimaryMethods>, 'call'>): Database['atomic'] => {
  const numbers = new Map<string, number>()
  const sent = ({ text }: Write['statement'], cells: readonly unknown[]): SentWrite => {
    const known = numbers.get(text)
    if (known !== undefined) return [known, cells]
    numbers.set(text, numbers.size)
    return [numbers.size - 1, cells, text]
  }
  return async (writes, { mustTouch = [], grows = false, wide = false } = {}) => {
    // Binds all values first: if one cannot be bound, nothing is sent, and no text counts as sent.
    const cells = writes.map(({ statement, values }) => statement.bind(values as never))
    return primary.call('atomic', {
      writes: writes.map(({ statement }, i) => sent(statement, cells[i] as unknown[])),
      mustTouch,
      grows,
      wide,
    })
  }
}

type Cells = { readonly cells: readonly unknown[] }

/** The side of the writing process, for one worker. */
export const receiveBatches = (db: Pick<Database, 'atomic'>): PrimaryMethods['atomic'] => {
  const statements: Statement<Cells>[] = []
  const received = ([number, cells, text]: SentWrite): Write => {
    if (text !== undefined) statements[number] = { text, bind: ({ cells }) => [...cells] }
    return write(statements[number] as Statement<Cells>, { cells })
  }
  return ({ writes, ...options }: SentBatch) => db.atomic(writes.map(received), options)
}
