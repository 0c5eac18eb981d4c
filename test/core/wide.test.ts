// Which batches may wait where a database file is behind: those that may change many rows.
import { expect, onTestFinished, test } from 'vitest'
import type { BatchOptions, Database } from '../../src/db/database.ts'
import { openDefault } from '../support/databases.ts'
import { createWorld } from '../support/world.ts'

test('the chunks of a large change are wide, and what an ordinary request writes is not', async () => {
  const { db, close } = await openDefault()
  const asked: BatchOptions[] = []
  const atomic: Database['atomic'] = (writes, options = {}) => {
    asked.push(options)
    return db.atomic(writes, options)
  }
  const world = await createWorld({
    open: async () => ({ db: { ...db, atomic }, close }),
    bulk: { rows: 4 },
  })
  onTestFinished(() => world.close())
  const ann = await world.register('Ann')
  const widths = async (act: () => Promise<unknown>) => {
    asked.length = 0
    await act()
    return asked.map(({ wide }) => wide === true)
  }
  for (let i = 0; i < 9; i++)
    await ann.post('/api/v1/tasks', { title: `Sweep ${i}`, labels: ['home'] })
  const create = () => ann.post('/api/v1/tasks', { title: 'Sweep', labels: ['home'] })
  expect(await widths(create)).toEqual([false])
  const [label] = (await ann.get('/api/v1/labels')).body.items
  const rename = () => ann.patch(`/api/v1/labels/${label.id}`, { name: 'house' })
  const [, ...chunks] = await widths(rename)
  expect(chunks.length).toBeGreaterThanOrEqual(3)
  expect(new Set(chunks)).toEqual(new Set([true]))
})
