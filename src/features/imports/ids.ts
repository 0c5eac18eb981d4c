// The ids of what an import makes: the same for the same row at each import, so that a second one
// finds what the first one made.
import type { Ctx } from '../../core/context.ts'
import { derivedId, isId } from '../../core/ids.ts'
import { readerIdOf } from '../../core/parties.ts'
import { sha256 } from '../../core/secrets.ts'
import { findKnown, findPresent, type Present, takenIds } from '../tasks/index.ts'
import type { TaskItem } from './row.ts'

/**
 * Another one for each user, so that two who bring the same file have tasks of their own. Sorted as
 * ids of the time of creation are.
 */
export const idFor = async (
  ctx: Ctx,
  of: string,
  key: string,
  at: string | null,
): Promise<string> => {
  const digits = await sha256(JSON.stringify([readerIdOf(ctx), of, key]))
  return derivedId(at === null ? 0 : Date.parse(at), Number.parseInt(digits.slice(-3), 16), digits)
}

export const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/

export type Identified<T> = T & { readonly id: string; readonly present: Present | undefined }
type Given = { readonly format: string; readonly item: TaskItem }

/** When it was made, or the earliest that the file knows of it; null where it says no time at all. */
const madeAt = ({ created_at, completed_at, deleted_at }: TaskItem): string | null =>
  created_at ?? completed_at ?? deleted_at

/**
 * The ids that these have here. One of our own files keeps its ids, unless they belong to others: as
 * where a user brings the file of another account on the same database.
 */
export const identify = async <T extends Given>(
  ctx: Ctx,
  given: readonly T[],
): Promise<Identified<T>[]> => {
  const derive = ({ format, item }: Given) => idFor(ctx, format, item.key, madeAt(item))
  const wanted = await Promise.all(
    given.map(async (one) => {
      const { id } = one.item
      return id !== null && isId(id) && UUID_V7.test(id) ? id : derive(one)
    }),
  )
  const present = await findPresent(ctx, wanted)
  const taken = await takenIds(ctx, wanted)
  const ids = await Promise.all(
    given.map((one, at) => {
      const id = wanted[at] as string
      return taken.has(id) && !present.has(id) ? derive(one) : id
    }),
  )
  const others = ids.filter((id) => !present.has(id) && !wanted.includes(id))
  const more = others.length > 0 ? await findPresent(ctx, others) : present
  const here = ids.map((id) => present.get(id) ?? more.get(id))
  // What another program wrote is here also where a client made it with the same external id.
  const nameOf = ({ item }: T) => (item.id === null ? item.external_id : null)
  const names = given.flatMap((one, at) => (here[at] ? [] : (nameOf(one) ?? [])))
  const known = new Map(
    (names.length > 0 ? await findKnown(ctx, names) : []).map((task) => [task.externalId, task]),
  )
  return given.map((one, at) => {
    const found = here[at] ?? known.get(nameOf(one) ?? '')
    return { ...one, id: found?.id ?? (ids[at] as string), present: found }
  })
}
