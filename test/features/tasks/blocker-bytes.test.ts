// The bytes that an owner stores are what counting them again says, in whichever order tasks are
// blocked, unblocked and deleted for good.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { pick, randomOf } from '../../../bench/data/random.ts'
import { recountBytes } from '../../../src/core/stored-bytes.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { seedFrom } from '../../support/size.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const tasks = '/api/v1/tasks'

describeEachDatabase('the bytes of blockers', (open) => {
  let world: World
  let ann: User
  let users = 0
  /** Done once, before the next batch that takes tasks out of what others wait for. */
  let ahead: (() => Promise<unknown>) | undefined
  beforeAll(async () => {
    world = await createWorld({
      open: async () => {
        const opened = await open()
        const { db } = opened
        const atomic: typeof db.atomic = async (writes, options) => {
          const forgets = writes.some(({ values }) => Object.keys(values).includes('blocker0'))
          const first = forgets ? ahead : undefined
          if (first) {
            ahead = undefined
            await first()
          }
          return db.atomic(writes, options)
        }
        return { ...opened, db: { ...db, atomic } }
      },
      env: { RATE_LIMIT: 'off' },
    })
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    ann = await world.register(`Ann${users++}`)
    ahead = undefined
  })

  const make = async (fields: object = {}): Promise<string> =>
    (await ann.post(tasks, { title: 'Task', ...fields })).body.id
  const block = (id: string, blocked_by: readonly string[]) =>
    ann.patch(`${tasks}/${id}`, { blocked_by })
  const trash = (id: string) => ann.delete(`${tasks}/${id}`)
  const purge = (id: string) => ann.delete(`${tasks}/${id}?permanent=true`)
  const expectRight = async (said = '') => {
    const used = async () => (await ann.get('/api/v1/me')).body.quotas.bytes.used
    const counted = await used()
    await recountBytes(world.deps, ann.id)
    expect(await used(), said).toBe(counted)
  }

  test('where a task waits no more, just before its blocker is deleted for good', async () => {
    const [gone, stays] = [await make(), await make()]
    const one = await make({ blocked_by: [gone, stays] })
    const other = await make({ blocked_by: [gone] })
    await trash(gone)
    ahead = () => block(one, [stays])
    expect((await purge(gone)).status).toBe(204)
    expect(ahead).toBeUndefined()
    await expectRight()
    expect((await ann.get(`${tasks}/${other}`)).body.blocked_by).toEqual([])
  })

  test('where both are deleted for good, at once and one after the other', async () => {
    const [a, b, c] = [await make(), await make(), await make()]
    await block(b, [a])
    await block(c, [a, b])
    for (const id of [a, b, c]) await trash(id)
    await purge(b)
    await expectRight()
    await ann.delete('/api/v1/trash')
    await expectRight()
  })

  test('in any order, also at the same moment', async () => {
    const seed = seedFrom('SEED')
    const random = randomOf(seed)
    const ids = await Promise.all(Array.from({ length: 8 }, () => make()))
    const done: string[] = []
    const act = () => {
      const [id, other] = [pick(random, ids), pick(random, ids)]
      const acts: readonly [string, () => Promise<unknown>][] = [
        ['blocks', () => block(id, [other])],
        ['blocks', () => block(id, [other, pick(random, ids)])],
        ['unblocks', () => block(id, [])],
        ['trashes', () => trash(id)],
        ['restores', () => ann.post(`${tasks}/${id}/restore`)],
        ['purges', () => trash(id).then(() => purge(id))],
        ['empties', () => ann.delete('/api/v1/trash')],
        ['makes', async () => void ids.push(await make({ blocked_by: [other] }))],
      ]
      const [name, run] = pick(random, acts)
      done.push(`${name} ${ids.indexOf(id)} ${ids.indexOf(other)}`)
      return run()
    }
    for (let round = 0; round < 25; round++) {
      await Promise.all([act(), act(), act()])
      if (round % 5 === 4) await expectRight(`SEED=${seed}: ${done.join(', ')}`)
      for (let i = ids.length; i < 8; i++) ids.push(await make())
      ids.splice(0, ids.length, ...ids.filter((id) => id !== undefined).slice(-12))
    }
  })
})
