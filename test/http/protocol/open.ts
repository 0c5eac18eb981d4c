// What HTTP asks of every operation alike: statuses, headers, limits. By construction from the
// document where it can be. Here are the worlds and requests of these tests.
import { onTestFinished } from 'vitest'
import { operationsOf } from '../../support/document.ts'
import {
  type Answer,
  type Client,
  createWorld,
  type User,
  type World,
} from '../../support/world.ts'

export type Headers = Record<string, string>

export const open = async (options: Parameters<typeof createWorld>[0] = {}): Promise<World> => {
  const world = await createWorld(options)
  onTestFinished(world.close)
  return world
}
export const openWith = async (env: Headers = {}): Promise<{ world: World; ann: User }> => {
  const world = await open({ env })
  return { world, ann: await world.register('Ann') }
}

export const UNKNOWN = '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f'
export const operationsIn = ({ document }: World) =>
  operationsOf(document).filter(({ path }) => path.startsWith('/api/v1/'))
export const withUnknownId = (path: string) => path.replace('{id}', UNKNOWN)
export const coded = ({ status, body }: Answer) => [status, body?.code]
/** A webhook of the client's, of which a user has few. */
export const webhook = async (client: Client): Promise<{ id: string; rev: string }> => {
  const { body } = await client.get('/api/v1/webhooks')
  for (const { id } of body.items) await client.delete(`/api/v1/webhooks/${id}`)
  return (await client.post('/api/v1/webhooks', { url: 'https://hooks.example.org/' })).body
}

export const task = async (client: Client, fields: object = {}) =>
  (await client.post('/api/v1/tasks', { title: 'Sweep', ...fields })).body
