// A change of thousands of tasks, read in pages while others write. TASKS says of how many.
import { expect, onTestFinished, test } from 'vitest'
import { describeEachDatabase } from '../support/databases.ts'
import { isSmall, sized } from '../support/size.ts'
import { followBulkChange } from '../support/sync/bulk.ts'
import { createWorld } from '../support/world.ts'

const TASKS = sized('TASKS', { full: 5_000, small: 300 })

describeEachDatabase(`a change of ${TASKS} tasks`, (open, database) => {
  test('is read in pages that end in the middle of a number', async () => {
    const world = await createWorld({ open })
    onTestFinished(() => world.close())
    const ann = await world.register('Ann')
    const limit = isSmall ? 40 : 90
    const pages = await followBulkChange(ann, { count: TASKS, limit, writes: 100 })
    console.log(`on ${database} ${pages} pages ended in the middle of a number`)
    expect(pages).toBeGreaterThan(TASKS / 250)
  })
})
