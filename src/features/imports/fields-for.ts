// Fields of a task of a file that depend on what is here, or on more than the file.
import { RuleFault } from '../../core/recurrence/rule.ts'
import { seriesOfFile } from '../tasks/index.ts'
import { type Chunk, type Row, say } from './chunk.ts'
import { shown } from './values.ts'

/** The `external_id`, where no other task of the project has it. */
export const externalIdFor = (chunk: Chunk, row: Row, projectId: string): string | null => {
  const { external_id } = row.item
  if (external_id === null) return null
  const key = `${projectId} ${external_id}`
  if (chunk.externalIds.has(key)) {
    say(
      chunk,
      row,
      'external_id_taken',
      'external_id',
      `Another task of the project has ${shown(external_id)}; this one is without.`,
    )
    return null
  }
  chunk.externalIds.add(key)
  return external_id
}

const once = { recurrence: null, occurrence: null, left: null }

/** The recurrence, where it is one that can be kept here, and the due of the present occurrence. */
export const seriesFor = async (chunk: Chunk, row: Row) => {
  const { recurrence, due, occurrence, recurrence_left: left } = row.item
  if (recurrence === null) return once
  const without = (why: string) => {
    const detail = `${shown(recurrence.rule)} is left out. ${why}`
    say(chunk, row, 'recurrence', 'recurrence', detail)
    return once
  }
  if (due === null) return without('What recurs needs a due.')
  // Counting what is over of a series takes time, in which others come in between.
  if (recurrence.passed || recurrence.begins) await new Promise((resume) => setTimeout(resume, 0))
  try {
    return await seriesOfFile({ ...recurrence, occurrence, left }, due)
  } catch (error) {
    if (error instanceof RuleFault) return without(error.message)
    throw error
  }
}
