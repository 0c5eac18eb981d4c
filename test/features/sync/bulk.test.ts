// The tasks of one change, which have one number in the log, are read in many pages.
import { expect, onTestFinished, test } from 'vitest'
import { describeEachDatabase } from '../../support/databases.ts'
import { followBulkChange } from '../../support/sync/bulk.ts'
import { createWorld } from '../../support/world.ts'

describeEachDatabase('a change of many tasks', (open) => {
  test('is read in pages that end in the middle of its number, while others write', async () => {
    const world = await createWorld({ open })
    onTestFinished(() => world.close())
    const ann = await world.register('Ann')
    expect(await followBulkChange(ann, { count: 60, limit: 7 })).toBeGreaterThan(3)
  })

  test('is read so, too, where it takes several numbers', async () => {
    const world = await createWorld({ open, bulk: { rows: 25 } })
    onTestFinished(() => world.close())
    const ann = await world.register('Ann')
    expect(await followBulkChange(ann, { count: 60, limit: 9 })).toBeGreaterThan(2)
  })
})
