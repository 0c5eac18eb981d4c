// A service on several processes of this machine, asked over connections that each stay at one of
// them.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { onTestFinished } from 'vitest'
import { createDeferred } from '../../src/core/deferred.ts'
import { commandOf, startProcess } from './process.ts'

const PASSWORD = 'a heron on the pier'

/**
 * Starts the bundle as three processes: the first one and two workers. It is ended behind the test.
 */
export const startCluster = async (env: Readonly<Record<string, string>>) => {
  const started = await startProcess(...commandOf('start'), {
    WORKERS: '3',
    PORT: '0',
    HOST: '127.0.0.1',
    RATE_LIMIT: 'off',
    ...env,
  })
  onTestFinished(async () => {
    if (started.child.exitCode === null) await started.stop()
  })
  const pid = started.child.pid as number
  return { ...started, pid, workers: () => childrenOf(pid) }
}

/** The processes that a process of this machine has started. */
export const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

type Reply = { readonly status: number; readonly text: string; readonly body: any }
/** Somebody with one connection, which lasts. */
export type Caller = {
  ask(method: string, path: string, body?: object, headers?: Record<string, string>): Promise<Reply>
}

export const caller = (url: string): Caller => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  return {
    ask: async (method, path, body, headers = {}) => {
      const type = body && { 'Content-Type': 'application/json' }
      const asked = request(`${url}${path}`, { agent, method, headers: { ...type, ...headers } })
      asked.end(body && JSON.stringify(body))
      const [response] = await once(asked, 'response')
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += chunk
      return {
        status: response.statusCode,
        text,
        body: /json/.test(response.headers['content-type']) ? JSON.parse(text) : undefined,
      }
    },
  }
}

/** Callers whose connections go to the processes in turn. */
export const callers = async (url: string, count: number): Promise<Caller[]> => {
  const all = Array.from({ length: count }, () => caller(url))
  for (const { ask } of all) await ask('GET', '/health')
  return all
}

/** Registers, or later signs in; answers the header that proves it. */
export const enterBy = async (
  { ask }: Caller,
  name: string,
  how: 'register' | 'login',
): Promise<Record<string, string>> => {
  const { status, text, body } = await ask('POST', `/api/v1/auth/${how}`, {
    email: `${name}@example.org`,
    password: PASSWORD,
  })
  if (status > 201) throw new Error(`${how}: ${status} ${text}`)
  return { Authorization: `Bearer ${body.access_token}` }
}

/** Settles when what a process says holds. */
export const untilSaid = async (
  { child, said }: Pick<Awaited<ReturnType<typeof startCluster>>, 'child' | 'said'>,
  holds: (said: string) => boolean,
): Promise<void> => {
  const { promise, resolve } = createDeferred<void>()
  const look = () => holds(said()) && resolve()
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', look)
  look()
  await promise
  for (const stream of [child.stdout, child.stderr]) stream?.off('data', look)
}

/** Is nothing left of a process but the number that its parent has not asked for yet? */
export const isOver = (pid: number): boolean => {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return true
  }
}
