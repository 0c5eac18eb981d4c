// What a task waits for, as a request names it: looked at, and planned.
import type { Ctx } from '../../core/context.ts'
import { invalid, unknownReference } from '../../core/errors.ts'
import type { OwnerId } from '../../core/parties.ts'
import type { Write } from '../../db/statement.ts'
import {
  blockersRevOf,
  blocks,
  expectOpen,
  findBlockers,
  linkBlocker,
  linksToBlockers,
  linksToWaiting,
  MAX_WAITING,
  swapBlockers,
  unlinkBlockers,
} from './store.ts'

/** Tasks that one may wait for, directly and through others: all of them are looked at. */
const MAX_AHEAD = 500

/** `guards` have to touch a row, and come before `links`. */
export type Awaited = {
  readonly blocked: boolean
  readonly guards: readonly Write[]
  readonly links: readonly Write[]
}

type Asked = {
  readonly ownerId: OwnerId
  readonly id: string
  /** What it waits for now; undefined for a new task. */
  readonly before: readonly string[] | undefined
  readonly wanted: readonly string[]
}

/**
 * Plans that a task waits for these and for no others. Throws `invalid` for a task that is unknown
 * or another user's, a circle, and more than the limits allow.
 */
export const awaitTasks = async (ctx: Ctx, asked: Asked): Promise<Awaited> => {
  const { ownerId, id, before, wanted } = asked
  const unlink = before === undefined || before.length === 0 ? [] : [unlinkBlockers(ctx, id)]
  if (wanted.length === 0) return { blocked: false, guards: [], links: unlink }
  const added = wanted.filter((blocker) => !before?.includes(blocker))
  // Read before the blockers, so that the guard holds from there on.
  const rev = added.length > 0 ? await blockersRevOf(ctx, ownerId) : 0
  const found = await findBlockers(ctx, ownerId, wanted)
  if (found.length < wanted.length) throw unknownReference('blocked_by', 'task')
  if (added.length > 0) await expectPossible(ctx, id, added)
  const swap = added.length > 0 ? [swapBlockers(ctx, ownerId, rev)] : []
  const open = found.filter(blocks).length
  return {
    blocked: open > 0,
    guards: [...swap, expectOpen(ctx, ownerId, wanted, open)],
    links: [...unlink, ...wanted.map((blocker) => linkBlocker(ctx, id, blocker))],
  }
}

const fault = (code: string, detail: string) => invalid({ at: ['blocked_by'], code, detail })

const expectPossible = async (ctx: Ctx, id: string, added: readonly string[]): Promise<void> => {
  await expectNoCircle(ctx, id, added)
  const links = await linksToWaiting(ctx, added)
  for (const blocker of added)
    if (links.filter((link) => link.blocker === blocker).length >= MAX_WAITING)
      throw fault(
        'too_many',
        `At most ${MAX_WAITING} tasks may wait for one; ${blocker} has as many.`,
      )
}

const expectNoCircle = async (ctx: Ctx, id: string, added: readonly string[]): Promise<void> => {
  const ahead = new Set<string>(added)
  for (let level = added; level.length > 0; ) {
    if (ahead.has(id))
      throw fault('cycle', 'A task cannot wait for itself, directly or through others.')
    if (ahead.size > MAX_AHEAD)
      throw fault(
        'too_many',
        `A task may wait for at most ${MAX_AHEAD} others, those that it waits for through others included.`,
      )
    const links = await linksToBlockers(ctx, level)
    level = [...new Set(links.map(({ blocker }) => blocker))].filter((next) => !ahead.has(next))
    for (const next of level) ahead.add(next)
  }
}
