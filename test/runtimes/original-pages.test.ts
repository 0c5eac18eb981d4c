// A frontend of the family in a browser: a page of another site that signs in with the accounts of
// this service, and sends every request with `credentials: 'include'`.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { chromiumAbsent, openChromium } from '../support/chromium.ts'
import { startTaskport } from '../support/process.ts'
import { makerOf } from './databases.ts'

if (chromiumAbsent) console.log(`skipped: ${chromiumAbsent}`)

/** A page at an origin of its own. */
const startSite = async (): Promise<string> => {
  const server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Tasks</title>')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void server.close())
  return `http://localhost:${(server.address() as AddressInfo).port}`
}

/** The script of the page: its wrapper of fetch keeps the token as such pages do. */
const call = `async (base, method, path, body) => {
  const token = localStorage.getItem('token')
  const response = await fetch(base + path, {
    method,
    credentials: 'include',
    headers: {
      'Content-Type': 'application/json',
      'X-Requested-With': 'XMLHttpRequest',
      ...(token && { Authorization: 'Bearer ' + token }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  const data = response.status === 204 ? null : await response.json()
  if (!response.ok) throw new Error(data.detail)
  if (data && data.access_token) localStorage.setItem('token', data.access_token)
  return data
}`
type Task = { readonly id: string; readonly [field: string]: unknown }
const clientIn = (page: Page, base: string) => {
  return <T = Task>(method: string, path: string, body?: object): Promise<T> =>
    page.evaluate(
      `(${call})(...${JSON.stringify([base, method, path, body ?? null])})`,
    ) as Promise<T>
}

const databases = ['libSQL file', 'Postgres']
  .map((name) => ({ name, make: makerOf(name) }))
  .filter(({ name, make }) => {
    if (typeof make !== 'string') return true
    console.log(`skipped: the page on ${name}, which lacks ${make}`)
    return false
  })

describe.skipIf(chromiumAbsent !== undefined)('in Chromium', () => {
  test.each(databases)('a session of a page of another site, on $name', async ({ make }) => {
    const { url: database, drop } = await (make as Exclude<typeof make, string>)()
    onTestFinished(drop)
    const [site, stranger] = [await startSite(), await startSite()]
    const { url } = await startTaskport({ DATABASE_URL: database, CORS_ORIGINS: site })
    const page = await (await openChromium()).newPage()
    await page.goto(site)
    const ask = clientIn(page, url)
    const account = { email: 'ada@example.org', password: 'a heron on the pier', name: 'Ada' }
    const { user } = await ask<{ user: { id: string } }>('POST', '/api/auth/register', account)
    await ask('POST', '/api/auth/login', account)
    const tasks = `/api/${user.id}/tasks`
    const milk = await ask('POST', tasks, { title: 'Milk', priority: 'high' })
    const rent = await ask('POST', tasks, { title: 'Rent', tags: ['home'] })
    expect(await ask('PATCH', `${tasks}/${milk.id}/complete`)).toMatchObject({ completed: true })
    expect(await ask('PUT', `${tasks}/${rent.id}`, { title: 'Pay the rent' })).toMatchObject({
      title: 'Pay the rent',
      tags: ['home'],
    })
    expect(await ask('GET', `${tasks}?status=pending`)).toMatchObject([{ id: rent.id }])
    expect(await ask('DELETE', `${tasks}/${milk.id}`)).toBeNull()
    await page.reload()
    expect(await ask('GET', tasks)).toMatchObject([{ id: rent.id, title: 'Pay the rent' }])
    expect(await ask('GET', '/api/auth/me')).toMatchObject({ email: account.email })
    await expect(
      ask('GET', `${tasks}/${milk.id}`),
      'the page reads what is refused',
    ).rejects.toThrow(/no such task/)
    await page.goto(stranger)
    await expect(ask('GET', '/api/auth/me'), 'an origin that is not named').rejects.toThrow(
      /Failed to fetch/,
    )
  })
})
