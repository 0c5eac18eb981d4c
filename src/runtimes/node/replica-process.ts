// The process that holds an embedded replica: its client is synchronous, and waits for its server without an end.
// replica.ts starts it, asks it, and kills it when it is stuck.
import { createClient } from '@libsql/client/sqlite3'
import { wordsOf } from './error-words.ts'
import type { ReplicaAnswer, ReplicaCall, ReplicaMessage, ReplicaOpening } from './replica.ts'

/** Seconds after which a replica asks what others have written. */
const SYNC_SECONDS = 1

// What reaches all processes of a terminal is none of this one's: its parent ends it.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {})

const open = async ({ path, url, authToken, whole }: ReplicaOpening) => {
  const client = createClient({ url: path, syncUrl: url, syncInterval: SYNC_SECONDS, ...(authToken !== undefined && { authToken }) })
  if (whole) await client.sync()
  return client
}
type Client = Awaited<ReturnType<typeof open>>

const run = async (client: Client, call: ReplicaCall): Promise<unknown[][]> => {
  if (call === 'sync') {
    await client.sync()
    return []
  }
  const { rows } = await client.execute(call.execute)
  return rows.map((row) => Array.from(row))
}

const answer = async (id: number, rows: Promise<unknown[][]>): Promise<void> => {
  const said: ReplicaAnswer = await rows.then(
    (rows) => ({ id, rows }),
    (error) => ({ id, error: wordsOf(error) }),
  )
  process.send?.(said)
}

process.once('message', ({ id, said }: ReplicaMessage<ReplicaOpening>) => {
  const client = open(said)
  process.on('message', ({ id, said }: ReplicaMessage<ReplicaCall>) =>
    answer(
      id,
      client.then((client) => run(client, said)),
    ),
  )
  answer(
    id,
    client.then(() => []),
  )
})
process.on('disconnect', () => process.exit(1))
if (!process.connected) process.exit(1)
