import { expect, test } from 'vitest'
import { streamOf } from '../../support/sync/stream.ts'
import type { Service } from '../service.ts'
import type { Runtime } from '../suite.ts'

const path = '/api/v1/events'

/** Being told that something has changed. */
export const events = (service: () => Service, { edge }: Pick<Runtime, 'edge'>): void => {
  test.runIf(edge)('streams are refused, and it is said how often to ask for changes', async () => {
    const { status, body, headers } = await (await service().register('Nia')).get(path)
    expect([status, body.code, headers.get('Retry-After')]).toEqual([501, 'no_streams', '30'])
  })
  test.skipIf(edge)('streams say when something has changed, in any process', async () => {
    const nia = await service().register('Nia')
    const open = async () => streamOf(await fetch(service().url + path, { headers: nia.headers }))
    const present = async () => (await nia.get('/api/v1/changes')).body.token
    const streams = await Promise.all([open(), open(), open()])
    for (const { response, until } of streams) {
      expect(response.headers.get('Content-Encoding')).toBe(null)
      await until(await present())
    }
    for (let i = 0; i < 3; i++) {
      expect((await nia.post('/api/v1/tasks', { title: `Sweep ${i}` })).status).toBe(201)
      for (const { until } of streams) await until(await present())
    }
    for (const { cancel } of streams) await cancel()
  })
}
