// The keys of another issuer on workerd, where no request may wait for the promise of another.
import { request } from 'node:http'
import { expect, test } from 'vitest'
import { createKey, ISSUER, serveKeys } from '../features/account/credentials/key-server.ts'
import { makerOf } from './databases.ts'
import { startWrangler } from './wrangler.ts'

const make = makerOf('D1')

test('a new key works at once, however many made-up ones come with it and hang up', async () => {
  if (typeof make === 'string') throw new Error(make)
  const [old, next, stranger] = [
    await createKey('old'),
    await createKey('next'),
    await createKey('strange'),
  ]
  let published = [old.jwk]
  const { url, asked } = await serveKeys(() => published)
  const { url: database, drop } = await make()
  const started = await startWrangler({
    database,
    env: { AUTH_JWKS_URL: url, AUTH_ISSUER: ISSUER, AUTH_AUDIENCE: ISSUER, LOG_LEVEL: 'debug' },
  })
  const headers = (token: string) => ({ Authorization: `Bearer ${token}` })
  const statusOf = async (token: Promise<string>) =>
    (await fetch(`${started.url}/api/v1/tasks`, { headers: headers(await token) })).status
  const madeUp = (round: number) =>
    Array.from({ length: 30 }, (_, n) =>
      statusOf(stranger.sign(Date.now(), {}, { kid: `made-up-${round}-${n}` })),
    )
  const hangUp = async (token: Promise<string>) => {
    const sent = request(`${started.url}/api/v1/tasks`, { headers: headers(await token) })
    sent.on('error', () => {}).end()
    sent.once('socket', (socket) =>
      socket.once('connect', () => setTimeout(() => socket.destroy(), 20)),
    )
  }
  /** One a second, those that were hung up on, and the first. */
  const began = performance.now()
  const most = () => (performance.now() - began) / 1000 + 8
  try {
    expect(await statusOf(old.sign(Date.now())), started.said()).toBe(200)
    expect(await Promise.all(madeUp(1))).toEqual(Array(30).fill(401))
    expect(asked()).toBeLessThanOrEqual(most())
    published = [next.jwk]
    for (let n = 0; n < 5; n++) await hangUp(stranger.sign(Date.now(), {}, { kid: `hung-up-${n}` }))
    const [good, ...bad] = await Promise.all([statusOf(next.sign(Date.now())), ...madeUp(2)])
    expect(good, started.said()).toBe(200)
    expect(bad).toEqual(Array(30).fill(401))
    expect(asked()).toBeLessThanOrEqual(most())
    expect(await statusOf(next.sign(Date.now(), { sub: 'eve' }))).toBe(200)
    expect(started.said()).not.toMatch(/different request|can never settle|hung\b/)
  } finally {
    await started.stop()
    await drop()
  }
})
