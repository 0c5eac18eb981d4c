// A service at an address, and people who use it. Every answer is held against the OpenAPI document
// that it serves.
import { type Clients, clientsOf } from '../support/client.ts'
import { documentsOf, type OpenApi } from '../support/document.ts'
import type { Fresh } from '../support/fresh.ts'
import type { Runtime, Started } from './suite.ts'

export type Service = Clients & {
  readonly url: string
  readonly document: OpenApi
  fetch(path: string, init?: RequestInit): Promise<Response>
  close(): Promise<void>
}

/** Starts the service on a database that goes with it. */
export const openService = async (
  runtime: Runtime,
  { url: database, drop }: Fresh,
  env: Record<string, string> = {},
): Promise<Service> => {
  const started = await runtime.start({ database, env: { RATE_LIMIT: 'off', ...env } })
  try {
    return await serviceAt(started, drop)
  } catch (error) {
    await started.stop()
    throw new Error(`it said: ${started.said()}`, { cause: error })
  }
}

/** As much of what a service has said as tells why an answer is wrong. */
const LAST_WORDS = 4_000

const serviceAt = async (
  { url, stop, said }: Started,
  drop: () => Promise<void>,
): Promise<Service> => {
  const load = async (path: string) => (await (await fetch(url + path)).json()) as OpenApi
  const { document, verify } = await documentsOf(load)
  const ask: Service['fetch'] = async (path, init = {}) => {
    const response = await fetch(`${url}${path}`, init)
    await verify(init.method ?? 'GET', path, response).catch((error) => {
      throw new Error(`${error.message}; it said: ${said().slice(-LAST_WORDS)}`, { cause: error })
    })
    return response
  }
  return {
    url,
    document,
    fetch: ask,
    ...clientsOf(ask),
    close: async () => {
      await stop()
      await drop()
    },
  }
}
