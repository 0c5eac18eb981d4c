// The ids of what belongs to tasks of a file.
import type { Ctx } from '../../core/context.ts'
import { type Kind, takenOf } from './beside-store.ts'
import { idFor, UUID_V7 } from './ids.ts'
import type { Item, Note, TaskItem } from './row.ts'

export type About = { readonly row: number; readonly title: string }
export type Line = [About, Note]
/** A task that this import made, as it is here and as the file has it. */
export type Made = { readonly id: string; readonly item: TaskItem }
export type Beside<K extends Item['kind']> = {
  readonly item: Extract<Item, { kind: K }>
  readonly about: About
  readonly task: Made
}

type Given = {
  readonly item: {
    readonly id: string | null
    readonly key: string
    readonly created_at?: string | null
  }
  readonly task: Made
}

/**
 * The id of the file where it is free, else one that follows from it; undefined where the task has
 * it already.
 */
export const freeIds = async (
  ctx: Ctx,
  kind: Kind,
  given: readonly Given[],
): Promise<(string | undefined)[]> => {
  if (given.length === 0) return []
  const derived = await Promise.all(
    given.map(({ item, task }) =>
      idFor(ctx, kind, `${task.id} ${item.key}`, item.created_at ?? task.item.created_at),
    ),
  )
  const wanted = given.map(({ item: { id } }, at) =>
    id !== null && UUID_V7.test(id) ? id : (derived[at] as string),
  )
  const taken = await takenOf(ctx, kind, [...new Set(wanted)])
  const here = await takenOf(ctx, kind, [...new Set(derived)])
  const used = new Set<string>()
  return given.map(({ task }, at) => {
    const id = wanted[at] as string
    if (taken.get(id) === task.id) return undefined
    const free = taken.has(id) || used.has(id) ? (derived[at] as string) : id
    if (here.has(free) || used.has(free)) return undefined
    used.add(free)
    return free
  })
}
