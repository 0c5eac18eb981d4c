// The record of what happened, as it is stored.
import { rawQuery } from '../../src/db/statement.ts'
import type { World } from './world.ts'

const columns = [
  'id',
  'owner_id',
  'user_id',
  'project_id',
  'task_id',
  'entity',
  'entity_id',
  'seq',
  'type',
  'actor_id',
  'credential',
] as const

export type StoredEvent = Readonly<Record<(typeof columns)[number], string>> & {
  readonly data: { changes?: object; cause?: object; details?: object }
}
type Cells = Omit<StoredEvent, 'data'> & { readonly data: unknown }

/** All events, in the order of their commits. */
export const eventsIn = async ({ deps: { db } }: Pick<World, 'deps'>): Promise<StoredEvent[]> => {
  const text = `select ${columns.join(', ')}, data from events order by seq, id`
  const rows = await db.all(rawQuery<Cells>(text, [...columns, 'data']))
  return rows.map(({ data, ...row }) => ({
    ...row,
    data: typeof data === 'string' ? JSON.parse(data) : data,
  }))
}
