// Bodies that are refused before they are read: whoever sent one reads the answer, and goes on with
// the same connection.
import { Agent, request } from 'node:http'
import { expect, test } from 'vitest'
import { startWorkerd } from './bare-workerd.ts'
import { type MakeDatabase, makerOf } from './databases.ts'

const MIB = 1024 * 1024

const make = makerOf('Postgres')
test.skipIf(typeof make === 'string')(
  'a body that was refused leaves the connection usable',
  async () => {
    const { url: database, drop } = await (make as MakeDatabase)()
    const started = await startWorkerd({ database, env: { RATE_LIMIT: 'off' } })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number | undefined>()
    const post = (path: string, body: string, headers: Record<string, string> = {}) =>
      new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
        const asked = request(`${started.url}${path}`, { agent, method: 'POST', headers })
        asked.once('error', reject).once('response', async (response) => {
          ports.add(asked.socket?.localPort)
          let text = ''
          for await (const chunk of response) text += chunk
          resolve({ status: response.statusCode, text })
        })
        asked.end(body)
      })
    const json = { 'Content-Type': 'application/json' }
    const person = { email: 'ada@example.org', password: 'Ada likes long walks' }
    try {
      const { text } = await post('/api/v1/auth/register', JSON.stringify(person), json)
      const mine = { ...json, Authorization: `Bearer ${JSON.parse(text).access_token}` }
      const large = '{"title":"x"}'.padEnd(MIB + 1)
      const refused = [
        await post('/api/v1/tasks', large, mine),
        await post('/api/v1/tasks', large, json),
        await post('/api/v1/tasks', large, { ...mine, 'Content-Type': 'text/plain' }),
        await post('/api/v1/nothing', large, mine),
        // Without a Content-Length.
        await post('/api/v1/tasks', large, { ...mine, 'Transfer-Encoding': 'chunked' }),
      ]
      expect(refused.map(({ status }) => status)).toEqual([413, 401, 415, 404, 413])
      expect((await post('/api/v1/tasks', '{"title":"x"}', mine)).status).toBe(201)
      expect([...ports]).toHaveLength(1)
    } finally {
      agent.destroy()
      await started.stop()
      await drop()
    }
  },
)
