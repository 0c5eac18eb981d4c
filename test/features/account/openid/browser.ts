// Signing in with an OpenID provider, end to end, with a real one. Here is what its tests share:
// the provider, and what a browser and a page do.

import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { systemClock } from '../../../../src/core/clock.ts'
import { createLog } from '../../../../src/core/log.ts'
import { randomText, s256 } from '../../../../src/core/secrets.ts'
import { rawQuery } from '../../../../src/db/statement.ts'
import { Browser, type ProviderServer, startProvider } from '../../../support/provider.ts'
import type { Client, World } from '../../../support/world.ts'

export const CALLBACK = '/auth/openid/callback'
export let provider: ProviderServer
/** Each file of tests calls it: the provider runs while they do. */
export const useProvider = (): void => {
  beforeAll(async () => {
    provider = await startProvider(`http://localhost:7860${CALLBACK}`)
  })
  afterAll(() => provider.stop())
  afterEach(() => {
    provider.instead = undefined
  })
}

export const newVerifier = () => randomText()
export const cookieOf = (response: Response): string =>
  response.headers.getSetCookie()[0]?.split(';')[0] ?? ''

/** Begins a sign-in, as a browser does. */
export const start = async (world: World, verifier: string, more = '') =>
  world.fetch(`/auth/openid/start?challenge=${await s256(verifier)}${more}`)
/** Comes back from the provider: the page, its text and the code on it. */
export const comeBack = async (world: World, { search }: URL, cookie: string) => {
  const response = await world.fetch(CALLBACK + search, { headers: { Cookie: cookie } })
  const text = await response.text()
  return { response, text, code: /<code id="code">([^<]*)<\/code>/.exec(text)?.[1] ?? '' }
}
/** All of it up to the page with the code. */
export const pass = async (
  world: World,
  login: string,
  { verifier = newVerifier(), more = '', browser = new Browser() } = {},
) => {
  const began = await start(world, verifier, more)
  expect(began.status, await began.clone().text()).toBe(302)
  const back = await browser.signIn(began.headers.get('Location') as string, login)
  return {
    verifier,
    back,
    cookie: cookieOf(began),
    ...(await comeBack(world, back, cookieOf(began))),
  }
}
export const redeem = (
  world: World,
  redemption: { code: string; verifier: string },
  client: Client = world.anonymous,
) =>
  client.post('/api/v1/auth/openid/redeem', {
    code: redemption.code,
    verifier: redemption.verifier,
  })
export const signIn = async (world: World, login: string) => {
  const { status, body } = await redeem(world, await pass(world, login))
  expect(status, JSON.stringify(body)).toBe(200)
  return {
    ...world.client(body.access_token),
    id: body.user.id as string,
    user: body.user,
    refreshToken: body.refresh_token as string,
  }
}
export type Redemption = { readonly code: string; readonly verifier: string }
export const only = ({ code, verifier }: Redemption): Redemption => ({ code, verifier })
/** What proves that whoever is `login` at the provider has just been there. */
export const proofOf = async (world: World, login: string) =>
  only(await pass(world, login, { more: '&purpose=prove' }))
export const link = async (world: World, user: Client, login: string, proof: object) =>
  user.post('/api/v1/me/identities', {
    ...only(await pass(world, login, { more: '&purpose=link' })),
    proof,
  })
export const unlink = (user: Client, id: string, proof: object) =>
  user.send('DELETE', `/api/v1/me/identities/${id}`, proof)
export type Linked = { readonly id: string; readonly subject: string }
export const identitiesOf = async (user: Client): Promise<Linked[]> =>
  (await user.get('/api/v1/me/identities')).body.items
export const count = async ({ deps }: World, table: string) =>
  Number((await deps.db.one(rawQuery<{ n: number }>(`select count(*) from ${table}`, ['n'])))?.n)
export const titleOf = (page: string) => /<h1>([^<]*)<\/h1>/.exec(page)?.[1]

export const recordLog = () => {
  const lines: string[] = []
  return { lines, log: createLog('debug', (line) => lines.push(line), systemClock) }
}
