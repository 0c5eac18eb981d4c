// The page in a frame of huggingface.co, as the Hub shows a Space, in a browser that lets the frame
// store nothing.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BrowserContext, Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { chromiumAbsent, openChromium } from '../support/chromium.ts'
import { startTaskport } from '../support/process.ts'
import { startProvider } from '../support/provider.ts'

if (chromiumAbsent) console.log(`skipped: ${chromiumAbsent}`)

const HUB = 'https://huggingface.co'

/**
 * The provider has to know the address that it sends browsers back to before the service starts.
 */
const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

const setUp = async () => {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const provider = await startProvider(`${url}/auth/openid/callback`)
  onTestFinished(() => provider.stop())
  await startTaskport({
    PORT: String(port),
    PUBLIC_URL: url,
    SPACE_ID: 'me/tasks',
    ...provider.env,
  })
  return { url, context: await openChromium() }
}

/** A page of another site, which nothing is fetched for. */
const siteOf = async (context: BrowserContext, url: string, html: string): Promise<Page> => {
  await context.route(`${url}/**`, (route) =>
    route.fulfill({ contentType: 'text/html', body: html }),
  )
  const page = await context.newPage()
  await page.goto(`${url}/`)
  return page
}
const framed = (context: BrowserContext, site: string, url: string) =>
  siteOf(context, site, `<iframe src="${url}/"></iframe>`)

const passProvider = async (tab: Page, login: string) => {
  await tab.fill('input[name=login]', login)
  await tab.fill('input[name=password]', 'any')
  await tab.click('button[type=submit]')
  await tab.click('button[type=submit][autofocus], form button[type=submit]')
}
const me = async (url: string, token: string) => {
  const response = await fetch(`${url}/api/v1/me`, {
    headers: { Authorization: `Bearer ${token}` },
  })
  return (await response.json()) as { name?: string }
}

describe.skipIf(chromiumAbsent !== undefined)('in Chromium', () => {
  test('whoever signs in in a new tab is signed in inside the frame', async () => {
    const { url, context } = await setUp()
    const hub = await framed(context, HUB, url)
    const frame = hub.frameLocator('iframe')
    const alone = await context.newPage()
    await alone.goto(url)
    const store = `(document.cookie = 'kept=yes; SameSite=None; Secure', document.cookie)`
    expect(await alone.evaluate(store), 'a page by itself keeps a cookie').toBe('kept=yes')
    expect(await hub.frames()[1]?.evaluate(store), 'in the frame it has none').toBe('')
    await alone.close()
    await context.clearCookies()

    const addresses: string[] = []
    context.on('page', (page) => page.on('framenavigated', (part) => addresses.push(part.url())))
    const redeemed = hub.waitForRequest('**/api/v1/auth/openid/redeem')
    const opened = context.waitForEvent('page')
    await frame.getByRole('link', { name: /^Sign in with 127/ }).click()
    const tab = await opened
    const closed = tab.waitForEvent('close')
    await passProvider(tab, 'ann')
    await closed
    await frame.getByText('You are ann of the provider').waitFor()
    expect(await me(url, await frame.getByLabel('Access token').inputValue())).toMatchObject({
      name: 'ann of the provider',
    })

    const { code, verifier } = (await redeemed).postDataJSON() as { code: string; verifier: string }
    expect(addresses.some((address) => address.includes('/auth/openid/callback'))).toBe(true)
    for (const secret of [code, verifier])
      expect(addresses.filter((address) => address.includes(secret))).toEqual([])
    expect(
      (await context.cookies(url)).map(({ name }) => name),
      'the cookie of the sign-in is gone',
    ).toEqual([])
  })

  test('another site shows it in no frame', async () => {
    const { url, context } = await setUp()
    const said: string[] = []
    context.on('console', (message) => said.push(message.text()))
    const page = await framed(context, 'https://evil.example', url)
    await expect.poll(() => said.join('\n')).toMatch(/frame-ancestors/)
    expect(await page.frameLocator('iframe').getByRole('link').count()).toBe(0)
  })

  test('the page that a sign-in ends on is framed by nobody, and tells an opener of another site nothing', async () => {
    const { url, context } = await setUp()
    const start = `${url}/auth/openid/start?challenge=${'x'.repeat(43)}`
    const evil = await siteOf(
      context,
      'https://evil.example',
      `<button onclick="tab = window.open('${start}')">Win</button><script>heard = []; onmessage = ({ data }) => heard.push(data)</script>`,
    )
    const opened = context.waitForEvent('page')
    await evil.click('button')
    const tab = await opened
    await passProvider(tab, 'ann')
    const code = await tab.locator('#code').textContent()
    expect(
      await tab.getByText(code as string).isVisible(),
      'shown to nobody who does not ask for it',
    ).toBe(false)
    expect(code).toMatch(/^[\w-]{43}$/)
    await tab.waitForLoadState('load')
    const [heard, seen] = (await evil.evaluate(`(() => {
      try { return [heard, tab.document.body.innerText] } catch (error) { return [heard, error.name] }
    })()`)) as [unknown[], string]
    expect([heard, seen]).toEqual([[], 'SecurityError'])
    expect(new URL(tab.url()).search, 'what the provider answered is not in the history').toBe('')
  })

  test('a code that is shown can be pasted', async () => {
    const { url, context } = await setUp()
    const page = await context.newPage()
    await page.goto(url)
    const link = page.getByRole('link', { name: /^Sign in with/ })
    await expect.poll(() => link.getAttribute('href')).toContain('challenge=')
    const href = (await link.getAttribute('href')) as string
    const tab = await context.newPage()
    await tab.clock.install()
    await tab.goto(href)
    await passProvider(tab, 'bob')
    await tab.getByText('Show the code').waitFor()
    await tab.clock.pauseAt(new Date(Date.now() + 3_600_000))
    await tab.getByText('Show the code').click()
    await tab.getByText('Give it only to a program that you started yourself').waitFor()
    const [code, copy] = [
      (await tab.locator('#code').textContent()) as string,
      tab.getByRole('button', { name: 'Copy' }),
    ]
    expect(await copy.isEnabled(), 'a second click right away copies nothing').toBe(false)
    await tab.clock.runFor(700)
    expect(await copy.isEnabled()).toBe(true)
    // The tab that the link opens must not finish by itself: the provider has to have forgotten who
    // this is.
    await context.clearCookies()
    const opened = context.waitForEvent('page')
    await link.click()
    await (await opened).close()
    await page.getByLabel(/show a code/).fill(code)
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByText('You are bob of the provider').waitFor()
    expect(await me(url, await page.getByLabel('Access token').inputValue())).toMatchObject({
      name: 'bob of the provider',
    })
  })
})
