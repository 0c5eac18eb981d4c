// How a writer gives the database to another process, and how it goes on when no process takes it.
import { Fenced } from '../manifest-cas.ts'
import { backoff } from '../retry.ts'
import { causeOf, type WriterContext } from './context.ts'

/**
 * Stops writing, makes the last backup and releases the database. Rejects when that is aborted.
 */
export const handOver = async (writer: WriterContext): Promise<void> => {
  const { state, fence, exclusively, timer, log } = writer
  state.mode = 'handing over'
  await fence.close()
  try {
    await exclusively(() => release(writer))
    state.mode = 'released'
    state.releasedAt = timer.now()
    log.info('the database has been released, and the last backup holds everything')
  } catch (error) {
    if (!(error instanceof Fenced)) throw error
    await yieldToNewWriter(writer)
  }
}

/** Backs up what no backup holds and releases the database. Tries until that succeeds. */
const release = async (writer: WriterContext): Promise<void> => {
  const { manifestCas, uploader, stopSignal, pause, log } = writer
  for (let tries = 1; !manifestCas.current().released; tries++)
    try {
      stopSignal.throwIfAborted()
      if (uploader.progress.unsavedSince() === undefined)
        await manifestCas.update((manifest) => ({ ...manifest, released: true }))
      else await uploader.backUp({ release: true })
    } catch (error) {
      if (error instanceof Fenced || stopSignal.aborted) throw error
      log.error('the last backup failed, and is tried again', causeOf(error))
      await pause(backoff(tries))
    }
}

/** Another process is the writer: puts what only this process has under `orphans/`, and ends. */
export const yieldToNewWriter = (writer: WriterContext): Promise<void> => {
  writer.state.mode = 'fenced'
  writer.state.yielding ??= saveOrphan(writer).then(
    () => {
      writer.state.mode = 'yielded'
      writer.ended()
    },
    () => {}, // `stop` aborted it, and logs that
  )
  return writer.state.yielding
}

const saveOrphan = async (writer: WriterContext): Promise<void> => {
  await writer.fence.close()
  await writer.exclusively(() => uploadOrphan(writer))
}

const uploadOrphan = async (writer: WriterContext): Promise<void> => {
  const { id, uploader, stopSignal, pause, log } = writer
  if (uploader.progress.unsavedSince() === undefined)
    return log.warning('another process has taken the database over: this one ends')
  for (let tries = 1; ; tries++)
    try {
      const key = await uploader.uploadOrphan(id)
      return log.error(
        'another process has taken the database over while this one was out of reach: its last writes are kept apart',
        { key },
      )
    } catch (error) {
      if (stopSignal.aborted) throw error
      log.error('the last writes cannot be kept apart yet', causeOf(error))
      await pause(backoff(tries))
    }
}

/**
 * Goes on writing after a release that no process took. The manifest is updated before the database
 * file: if the file had an epoch that the manifest does not know, the next start would take the
 * file for newer than every backup.
 */
export const resume = async (writer: WriterContext): Promise<void> => {
  const { manifestCas, state, fence, log } = writer
  const { lineage, epoch, claim } = manifestCas.current()
  const next = Math.max(epoch, claim?.epoch ?? 0) + 1
  await manifestCas.update((manifest) => ({
    ...manifest,
    epoch: next,
    released: false,
    claim: null,
  }))
  await writer.writeLineage({ id: lineage, epoch: next })
  state.mode = 'writing'
  fence.open()
  log.warning('no process has taken the database over: going on')
}
