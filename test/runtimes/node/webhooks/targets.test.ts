// Webhooks reach the endpoint that was checked and no other, and no answer holds them up.
import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTargets } from '../../../../src/runtimes/node/webhooks/targets.ts'
import { type Receiver, startReceiver } from '../../../support/receiver.ts'

let receiver: Receiver
beforeEach(async () => {
  receiver = await startReceiver()
})
afterEach(() => receiver.close())

const PUBLIC = '203.0.114.1'
const no = async (): Promise<never> => {
  throw new Error('no host is looked up')
}
const request = (url: string) => ({
  url: new URL(url),
  headers: { 'webhook-id': 'msg_1', 'content-type': 'application/json' },
  body: '{"type":"webhook.test"}',
})
/** What sends to hosts that have these addresses, one list after the other. */
const sending = (lists: readonly (readonly string[])[], allowed: readonly string[] = []) => {
  let asked = 0
  const resolve = async () => lists[Math.min(asked++, lists.length - 1)] ?? []
  return { targets: createTargets({ allowed, resolve }), asked: () => asked }
}
/** What sends to the receiver, under the name that it is allowed by. */
const toReceiver = () => {
  const host = `hooks.test:${new URL(receiver.url).port}`
  return { ...sending([['127.0.0.1']], [host]), url: `http://${host}/hook` }
}

test('one POST, with what it was given, and nothing that asks for a compressed answer', async () => {
  const { targets, url, asked } = toReceiver()
  expect(await targets.send(request(url))).toEqual({ status: 200, retryAfter: null, text: 'ok' })
  expect(receiver.received).toMatchObject([
    {
      path: '/hook',
      text: '{"type":"webhook.test"}',
      headers: {
        host: new URL(url).host,
        'webhook-id': 'msg_1',
        'accept-encoding': 'identity',
        'content-length': '23',
      },
    },
  ])
  expect(asked()).toBe(1)
})

test.each([
  ['loopback', ['127.0.0.1']],
  ['metadata of a cloud', ['169.254.169.254']],
  ['IPv6 loopback', ['::1']],
  ['mapped', ['::ffff:10.0.0.1']],
  ['translated', ['64:ff9b::a00:1']],
  ['one of several', [PUBLIC, '2606:4700::1', '10.0.0.1']],
  ['metadata by IPv6', ['fd00:ec2::254']],
])('a host with an address that is not public is refused: %s', async (_name, addresses) => {
  const { targets } = sending([addresses])
  const url = 'https://hooks.example.org:8443/'
  await expect(targets.send(request(url))).rejects.toThrow('not of the public internet')
  expect(await targets.refusal(new URL(url))).toContain('not of the public internet')
})

test.each([
  'https://127.0.0.1/',
  'https://0x7f.1/',
  'https://2130706433/',
  'https://127.1/',
  'https://017700000001/',
  'https://[::1]/',
  'https://[::ffff:10.0.0.1]/',
  'https://[64:ff9b::a00:1]/',
  'https://169.254.169.254/latest/meta-data',
])('an address in the URL is refused as a host with it is: %s', async (url) => {
  const targets = createTargets({ allowed: [], resolve: no })
  expect(await targets.refusal(new URL(url))).toContain('not of the public internet')
  await expect(targets.send(request(url))).rejects.toThrow('not of the public internet')
})

test.each([
  ['ftp://hooks.example.org/', 'neither https nor http'],
  ['http://hooks.example.org/', 'has to be https'],
  ['https://hooks.example.org:22/', 'port'],
  ['https://hooks.example.org:6379/', 'port'],
  ['https://ann:pass@hooks.example.org/', 'user name'],
])('%s: %s', async (url, reason) => {
  const targets = createTargets({ allowed: [], resolve: no })
  expect(await targets.refusal(new URL(url))).toContain(reason)
  await expect(targets.send(request(url))).rejects.toThrow(reason)
})

test.each(['https://a.example.org/', 'https://a.example.org:8443/x?y', 'https://1.1.1.1/'])(
  '%s may be sent to, also while its host is not known',
  async (url) => {
    expect(await sending([[PUBLIC]]).targets.refusal(new URL(url))).toBeUndefined()
    expect(await sending([[]]).targets.refusal(new URL(url))).toBeUndefined()
  },
)

test('a name that means another address behind the check leads nowhere else', async () => {
  const host = `hooks.test:${new URL(receiver.url).port}`
  const { targets, asked } = sending([['127.0.0.1'], ['127.0.0.2']], [host])
  expect((await targets.send(request(`http://${host}/hook`))).status).toBe(200)
  expect([asked(), receiver.received.length]).toEqual([1, 1])
})

test('a name that meant a public address when the endpoint was made is checked anew', async () => {
  const { targets } = sending([[PUBLIC], ['10.0.0.1']])
  const url = 'https://hooks.example.org/'
  expect(await targets.refusal(new URL(url))).toBeUndefined()
  await expect(targets.send(request(url))).rejects.toThrow('not of the public internet')
})

test('the host is allowed with its port, and other ports of it are not', async () => {
  const { targets } = sending([['127.0.0.1']], ['hooks.internal:5678', 'n8n'])
  const refusalOf = (url: string) => targets.refusal(new URL(url))
  expect(await refusalOf('http://hooks.internal:5678/')).toBeUndefined()
  expect(await refusalOf('http://n8n/')).toBeUndefined()
  expect(await refusalOf('https://n8n:8443/')).toBeUndefined()
  expect(await refusalOf('http://n8n:5432/')).toBeDefined()
  expect(await refusalOf('https://hooks.internal/')).toBeDefined()
  expect(await refusalOf('http://sub.n8n/')).toBeDefined()
})

test('a redirect is an answer, and is not followed', async () => {
  const { targets, url } = toReceiver()
  receiver.answer((response, { path }) => {
    if (path === '/hook') response.writeHead(302, { location: '/other' })
    response.end()
  })
  expect((await targets.send(request(url))).status).toBe(302)
  expect(receiver.received.map(({ path }) => path)).toEqual(['/hook'])
})

test('of an answer that does not end 4 KiB are read', async () => {
  const { targets, url } = toReceiver()
  const ended = new Promise<void>((resolve) => {
    receiver.answer((response) => {
      const flood = () => {
        while (response.write('x'.repeat(65_536)));
      }
      response.writeHead(500, { 'retry-after': '7' }).on('drain', flood).on('close', resolve)
      flood()
    })
  })
  const sent = await targets.send(request(url))
  expect(sent).toEqual({ status: 500, retryAfter: '7', text: 'x'.repeat(4_096) })
  await ended
})

test('a connection that is closed, and one that is refused, are told', async () => {
  const { targets, url } = toReceiver()
  receiver.answer((response) => void response.socket?.destroy())
  await expect(targets.send(request(url))).rejects.toThrow('closed before an answer')
  const { port } = new URL(receiver.url)
  await receiver.close()
  const closed = createTargets({
    allowed: [`localhost:${port}`],
    resolve: async () => ['127.0.0.1'],
  })
  await expect(closed.send(request(`http://localhost:${port}/`))).rejects.toThrow('refuses')
})

test('a host without an address is told', async () => {
  await expect(sending([[]]).targets.send(request('https://nowhere.example.org/'))).rejects.toThrow(
    'its host has no address',
  )
})

test('an endpoint that does not answer, and one that trickles, are given up after ten seconds', async () => {
  const { targets, url } = toReceiver()
  const trickle = (response: ServerResponse): void => {
    const trickling = setInterval(() => response.write('x'), 200)
    response.on('close', () => clearInterval(trickling))
  }
  receiver.answer((response, { path }) => path === '/trickle' && trickle(response))
  const began = performance.now()
  const sent = [url, url.replace(/hook$/, 'trickle')].map((one) => targets.send(request(one)))
  for (const one of sent) one.catch(() => {})
  for (const one of sent) await expect(one).rejects.toThrow('no answer within ten seconds')
  expect(performance.now() - began).toBeGreaterThan(9_000)
})
