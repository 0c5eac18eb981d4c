// The thread for long reads of a database file, which would delay other requests on the event loop.
import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import { connect } from '../../../db/open/file/connection.ts'
import { listerOf } from '../../../db/open/file/lists.ts'
import { endThread } from '../end-thread.ts'
import { serializeError } from '../error-serialization.ts'
import { createLogWait } from './log-wait.ts'
import type { AnsweredRead, AskedRead } from './thread.ts'

/** On Linux each thread has its own niceness. With few cores the event loop goes first. */
const NICENESS = 10
if (process.platform === 'linux') setPriority(0, NICENESS)

const { path } = workerData as { path: string }
const connection = connect(path)
connection.exec('pragma query_only = on')
const lister = listerOf(connection)
const waitForLog = createLogWait(`${path}-wal`)

const run = ({ id, text, values }: AskedRead): AnsweredRead => {
  waitForLog()
  const began = performance.now()
  try {
    const listed = lister({ text })(values)
    return { id, listed, ms: performance.now() - began }
  } catch (error) {
    return { id, failure: serializeError(error) }
  }
}

parentPort?.on('message', (asked: AskedRead | 'end') => {
  if (asked !== 'end') return parentPort?.postMessage(run(asked))
  connection.close()
  return endThread()
})
