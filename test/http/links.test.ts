import { afterAll, expect, test } from 'vitest'
import { createWorld } from '../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())

test('every link of the index leads somewhere, and so does every link there', async () => {
  const follow = async (path: string): Promise<void> => {
    const { status, body } = await world.anonymous.get(path, { Accept: 'application/json' })
    expect(status, path).toBe(200)
    for (const next of Object.values<string>(body?.links ?? {})) await follow(next)
  }
  await follow('/')
})

test('the API says what it is, to HEAD as well, and takes nothing else', async () => {
  const { status, body } = await world.anonymous.get('/api/v1')
  expect([status, body.name]).toEqual([200, 'Taskport'])
  expect((await world.anonymous.send('HEAD', '/api/v1')).status).toBe(200)
  const { headers } = await world.anonymous.send('POST', '/api/v1')
  expect(headers.get('Allow')).toBe('GET, HEAD, OPTIONS')
})
