// Changes of the caller's own profile.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type World } from '../../support/world.ts'

describeEachDatabase('a profile', (open) => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ open })
  })
  afterAll(() => world.close())

  test('changes of different fields at once lose none', async () => {
    const ann = await world.register('Ann')
    for (let round = 0; round < 5; round++) {
      const patches = [
        { name: `Ann ${round}` },
        { time_zone: round % 2 ? 'Asia/Tokyo' : 'Europe/Berlin' },
        { reminder_time: `0${round}:30` },
      ]
      const answers = await Promise.all(patches.map((patch) => ann.patch('/api/v1/me', patch)))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
      expect((await ann.get('/api/v1/me')).body).toMatchObject(Object.assign({}, ...patches))
    }
  })
})
