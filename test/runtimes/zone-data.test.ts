// Runtimes ship different time zone data: what one has derived with older data, the next one with
// newer data derives again.
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { instantIn } from '../../src/core/wall-clock.ts'
import { clientsOf } from '../support/client.ts'
import { temporaryFolder } from '../support/process.ts'
import { until } from '../support/size.ts'
import { commandOf, startProcess } from './process.ts'

/** The rules of the first three differ between the runtimes of 2026. */
const zones = ['America/Vancouver', 'Africa/Casablanca', 'America/Edmonton', 'Europe/Berlin']
const days = ['2027-01-15', '2027-02-20', '2027-07-15', '2028-01-30', '2030-12-25']

test.each(['start:bun', 'start:deno'] as const)(
  'a due made by %s is found by its instant on Node',
  async (script) => {
    const database = `file:${join(temporaryFolder(), 'taskport.db')}`
    const env = { PORT: '0', HOST: '127.0.0.1', DATABASE_URL: database }
    const open = async (command: string, args: readonly string[]) => {
      const started = await startProcess(command, args, env)
      onTestFinished(async () => void (await started.stop()))
      return { ...started, ...clientsOf((path, init) => fetch(started.url + path, init)) }
    }
    const first = await open(...commandOf(script))
    const ann = await first.register('Ann')
    const made = new Map<string, string>()
    for (const zone of zones)
      for (const day of days) {
        const due = { datetime: `${day}T09:00:00`, time_zone: zone }
        const { status, body } = await ann.post('/api/v1/tasks', { title: zone, due })
        expect(status).toBe(201)
        made.set(body.id, instantIn(due.datetime, zone))
      }
    await first.stop()
    const second = await open(process.execPath, ['src/runtimes/node.ts'])
    const client = second.client(ann.token)
    await until(async () => {
      for (const [id, at] of made) {
        const listed = async (instant: number) => {
          const query = `due_before=${new Date(instant).toISOString()}&limit=200`
          const { body } = await client.get(`/api/v1/tasks?${query}`)
          return body.items.some((task: { id: string }) => task.id === id)
        }
        const ms = Date.parse(at)
        if ((await listed(ms)) || !(await listed(ms + 1))) return false
      }
      return true
    })
  },
)
