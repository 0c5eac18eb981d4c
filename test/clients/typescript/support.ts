// Clients of a service in this process, of which a test can lose requests and answers.
import {
  createTaskport,
  memoryTokens,
  type Taskport,
  type TaskportOptions,
} from '../../../clients/typescript/src/index.ts'
import type { World } from '../../support/world.ts'

type Next = (request: Request) => Promise<Response>
/** In place of the network: answers what `next` does, or something else. */
export type Network = (request: Request, next: Next) => Promise<Response>

const PASSWORD = 'a heron on the pier'
export const offline: Network = () => Promise.reject(new TypeError('fetch failed'))

export type TestClient = Taskport & {
  readonly tokens: NonNullable<TaskportOptions['tokens']>
  /** `GET /api/v1/me` for each request that came through, in order. */
  readonly asked: string[]
  network: Network
  /** How often `onSignedOut` was called. */
  signedOut: number
}

/** A client that is not signed in. */
export const clientOf = (world: World, tokens = memoryTokens()): TestClient => {
  const asked: string[] = []
  const next: Next = async (request) => {
    const { pathname, search } = new URL(request.url)
    asked.push(`${request.method} ${pathname}`)
    const { method, headers, signal } = request
    const body = method === 'GET' ? null : await request.text()
    return world.open(pathname + search, { method, headers, signal, body })
  }
  const taskport = createTaskport({
    url: 'http://localhost/',
    tokens,
    fetch: (request) => client.network(request, next),
    onSignedOut: () => {
      client.signedOut++
    },
  })
  const client: TestClient = {
    ...taskport,
    tokens,
    asked,
    network: (request, forward) => forward(request),
    signedOut: 0,
  }
  return client
}

/** One that has made an account. */
export const signedUp = async (world: World, tokens = memoryTokens()): Promise<TestClient> => {
  const client = clientOf(world, tokens)
  const email = `${crypto.randomUUID()}@example.org`
  const { data } = await client.api.POST('/api/v1/auth/register', {
    body: { email, password: PASSWORD },
  })
  if (!data) throw new Error('no account was made')
  await client.enter(data)
  return client
}
