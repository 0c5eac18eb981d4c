// What a body of 1 MiB costs that is made to cost as much as it can: CPU time of this process, the
// least of several tries: other load on the machine only adds to it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { hostileBodies } from '../support/hostile-bodies.ts'
import { isSmall } from '../support/size.ts'
import { createWorld, type User, type World } from '../support/world.ts'

const TRIES = 9
const MOST_MS = 20

let world: World
let ann: User
beforeAll(async () => {
  world = await createWorld()
  ann = await world.register('Ann')
})
afterAll(() => world.close())

const targets = [
  { method: 'POST', path: () => '/api/v1/tasks', status: [400, 422] },
  { method: 'POST', path: () => '/api/v1/api-keys', status: [400, 422] },
  { method: 'POST', path: () => `/api/${ann.id}/tasks`, status: [400, 422, 201] },
]

test('no hostile body costs more CPU time than an honest one of its size may', async () => {
  const app = createApp(world.deps)
  const costs: Record<string, number> = {}
  for (const [name, make] of Object.entries(hostileBodies)) {
    const body = new TextEncoder().encode(make())
    expect(body.byteLength).toBeLessThanOrEqual(2 ** 20)
    for (const { method, path, status } of targets) {
      const spent: number[] = []
      for (let i = 0; i < TRIES; i++) {
        const headers = { ...ann.headers, 'Content-Type': 'application/json' }
        const request = new Request(`http://localhost${path()}`, { method, headers, body })
        const before = process.cpuUsage()
        const response = await app.fetch(request)
        const { user, system } = process.cpuUsage(before)
        spent.push((user + system) / 1000)
        await response.text()
        expect(status).toContain(response.status)
      }
      costs[`${name}: ${method} ${path().replace(ann.id, '{user_id}')}`] =
        Math.round(Math.min(...spent) * 10) / 10
    }
  }
  console.log(JSON.stringify(costs, undefined, 1))
  if (!isSmall) expect(Object.entries(costs).filter(([, ms]) => ms > MOST_MS)).toEqual([])
})
