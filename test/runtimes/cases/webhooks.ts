import { Webhook as Verifier } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { startReceiver } from '../../support/receiver.ts'
import { until } from '../../support/size.ts'
import type { MakeDatabase } from '../databases.ts'
import { openService, type Service } from '../service.ts'
import type { Runtime } from '../suite.ts'

/** Endpoints that are told of what happens. */
export const webhooks = (service: () => Service, runtime: Runtime, make: MakeDatabase): void => {
  test('addresses that are not public are refused', async () => {
    const nia = await service().register('Nell')
    const addresses = [
      'https://127.1/',
      'https://[::1]/',
      'https://169.254.169.254/',
      'http://a.org/',
    ]
    for (const url of addresses) {
      const { status, body } = await nia.post('/api/v1/webhooks', { url })
      expect([url, status, body.errors?.[0].code]).toEqual([url, 422, 'refused'])
    }
  })
  // A schedule sends them there.
  test.skipIf(runtime.edge)('what happens is sent, signed, and noted', async () => {
    const receiver = await startReceiver()
    const env = { WEBHOOK_ALLOW_HOSTS: receiver.host }
    const own = await openService(runtime, await make(), env)
    try {
      const nia = await own.register('Nell')
      const { body: webhook } = await nia.post('/api/v1/webhooks', { url: receiver.url })
      const { body: task } = await nia.post('/api/v1/tasks', { title: 'Sweep' })
      await until(() => receiver.received.length > 0)
      const [{ headers, text } = { headers: {}, text: '' }] = receiver.received
      const payload = new Verifier(webhook.secret).verify(text, headers as Record<string, string>)
      expect(payload).toMatchObject({ type: 'task.created', data: { resource: { id: task.id } } })
      const path = `/api/v1/webhooks/${webhook.id}/deliveries?status=delivered`
      await until(async () => (await nia.get(path)).body.items.length === 1)
    } finally {
      await own.close()
      await receiver.close()
    }
  })
}
