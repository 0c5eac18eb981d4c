// Where tasks of a file stand among the others of their projects.
import type { Ctx } from '../../core/context.ts'
import { newestPosition } from '../../core/position.ts'
import { type Placed, takenPositions } from '../tasks/index.ts'
import type { Row } from './chunk.ts'
import type { Job } from './job-store.ts'

/** Of the same width for each row of a file, and greater for later ones. */
const suffixOf = ({ row }: Row): string => `${row.number.toString(36).padStart(5, '0')}V`

/** Among the others of the file, behind what is here already. */
const behindAll = (job: Job, row: Row): string => newestPosition(job.id) + suffixOf(row)

/** A position with a suffix is no longer than one may be. */
const LONGEST = 100 - 6

export type Standing = { readonly row: Row; readonly placed: Placed }

/**
 * These tasks at the positions of the file, where these are free. What would have the position of
 * another task stands just behind it, in the order of the file: where many have the same one, a move
 * between them has to move them all.
 */
export const positioned = async (
  ctx: Ctx,
  job: Job,
  given: readonly Standing[],
): Promise<Placed[]> => {
  const wanted = new Map<string, string[]>()
  for (const { row, placed } of given) {
    const { projectId } = placed.placement
    if (row.item.position === null) continue
    wanted.set(projectId, [...(wanted.get(projectId) ?? []), row.item.position])
  }
  const taken = new Map<string, Set<string>>()
  for (const [project, positions] of wanted)
    taken.set(project, await takenPositions(ctx, project, positions))
  return given.map(({ row, placed }) => {
    const { position: own } = row.item
    if (own === null || own.length > LONGEST) return at(placed, behindAll(job, row))
    const others = taken.get(placed.placement.projectId)
    if (others?.has(own)) return at(placed, own + suffixOf(row))
    others?.add(own)
    return at(placed, own)
  })
}

const at = (placed: Placed, position: string): Placed => ({
  ...placed,
  task: { ...placed.task, position },
})
