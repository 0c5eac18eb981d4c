// The two loops of a writer: one reads the manifest, the other makes the backups that are due.
import { Fenced } from '../manifest-cas.ts'
import { causeOf, isOver, type WriterContext } from './context.ts'
import { handOver, resume, yieldToNewWriter } from './hand-over.ts'

const LOOK_MS = 2_000
/**
 * A lease is longer than this: a writer that takes long over its last backup updates the manifest
 * more often, so that the candidate does not take it for dead.
 */
const BEAT_MS = 5_000
/**
 * After a release in which no process has taken the database or renewed its claim for so long, the
 * candidate has ended, and the writer goes on.
 */
const RESUME_MS = 120_000
const TICK_MS = 250
/** A fault that lasts is logged once a minute. */
const MISSES_PER_LOG = 30

export const watchManifest = async (writer: WriterContext): Promise<void> => {
  const { timer, log, stopSignal, overSignal } = writer
  for (let misses = 0; !isOver(writer); await timer.sleep(LOOK_MS, overSignal))
    try {
      await look(writer)
      if (misses > 0) log.info('the bucket answers again')
      misses = 0
    } catch (error) {
      if (stopSignal.aborted) return
      if (misses++ % MISSES_PER_LOG === 0)
        log.error(
          'the manifest in the bucket cannot be used; the service goes on from its own disk',
          causeOf(error),
        )
    }
}

const look = async (writer: WriterContext): Promise<void> => {
  const { state, manifestCas, timer, clock } = writer
  const began = { timer: timer.now(), clock: clock.now() }
  try {
    if (await manifestCas.refresh()) state.releasedAt = timer.now()
    state.lookedAt = began
  } catch (error) {
    if (error instanceof Fenced) return yieldToNewWriter(writer)
    // A bucket that cannot be reached fences no writer: the service goes on from its own disk.
    state.lookedAt = began
    throw error
  }
  await react(writer)
}

/** Does what the manifest asks for. */
const react = async (writer: WriterContext): Promise<void> => {
  const { state, manifestCas, timer, log } = writer
  if (state.mode === 'writing' && manifestCas.current().claim !== null) {
    log.warning('another process has claimed the database: no more writes here')
    handOver(writer).catch(() => {}) // `stop` aborted it, and logs that
  } else if (state.mode === 'handing over' && timer.now() - manifestCas.updatedAt() > BEAT_MS)
    await manifestCas.update((manifest) => manifest)
  else if (state.mode === 'released' && timer.now() - state.releasedAt > RESUME_MS) {
    state.resuming = resume(writer)
    await state.resuming
  }
}

export const makeBackups = async (writer: WriterContext): Promise<void> => {
  const { timer, exclusively, overSignal } = writer
  for (; !isOver(writer); await timer.sleep(TICK_MS, overSignal))
    await exclusively(() => backUpIfDue(writer))
}

const backUpIfDue = async (writer: WriterContext): Promise<void> => {
  const { state, uploader, stopSignal, log } = writer
  if (state.mode !== 'writing' || !uploader.isDue()) return
  try {
    await uploader.backUp({ release: false })
  } catch (error) {
    if (error instanceof Fenced) void yieldToNewWriter(writer)
    else if (!stopSignal.aborted)
      log.error('a backup failed; the service goes on from its own disk', {
        ...causeOf(error),
        failures: uploader.progress.failures().since,
      })
  }
}
