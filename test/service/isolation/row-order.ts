// No answer depends on the order in which a database finds rows that no `order by` orders: joins
// and plans decide that, and change by themselves. (Not looked at: equal values of an `order by`, and
// what stands in parentheses.)
import { expect, test, vi } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { person, world } from './people.ts'
import { ask, dump, guarded, requestOf } from './requests.ts'

/** Whether the statement orders its own rows, and not only those of a part in parentheses. */
const isOrdered = (statement: string): boolean => {
  let outer = statement
  for (let before = ''; before !== outer; ) {
    before = outer
    outer = outer.replaceAll(/\([^()]*\)/g, '')
  }
  return /\border by\b/i.test(outer)
}

const reversed = (db: Database) => {
  const all: Database['all'] = db.all.bind(db)
  return vi.spyOn(db, 'all').mockImplementation(async (query, values, long) => {
    const rows = await all(query, values, long)
    return isOrdered(query.text) ? rows : rows.reverse()
  })
}

const reads = guarded.filter(({ method, path }) => method === 'GET' && !path.endsWith('/events'))

test('no answer depends on the order of rows that a database may choose', async () => {
  const owner = await person()
  const readAll = async () => ({
    ...(await dump(owner)),
    ...Object.fromEntries(
      await Promise.all(
        reads.map(async (operation) => {
          const { body } = await ask(operation, requestOf(operation, owner), owner.client.headers)
          return [operation.operationId, { ...body, exported_at: undefined }]
        }),
      ),
    ),
  })
  const before = await readAll()
  const spied = reversed(world.deps.db)
  try {
    expect(await readAll()).toEqual(before)
    expect(spied.mock.calls.length).toBeGreaterThan(reads.length)
  } finally {
    spied.mockRestore()
  }
})
