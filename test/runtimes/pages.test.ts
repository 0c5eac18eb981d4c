// The pages in a browser: what they show, and that two people who try them do not meet.
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { chromiumAbsent, openChromium } from '../support/chromium.ts'
import { startTaskport } from '../support/process.ts'

if (chromiumAbsent) console.log(`skipped: ${chromiumAbsent}`)
const shots = process.env['SCREENSHOTS']

const keep = async (page: Page, name: string): Promise<void> => {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
}

const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > innerWidth')

/** Opens an operation of /docs, and what it fills in for its body. */
const filledIn = async (page: Page, operation: string): Promise<string> => {
  const block = page.locator(`#operations-Sign-in-${operation}`)
  await block.locator('.opblock-summary-control').click()
  await block.getByRole('button', { name: 'Try it out' }).click()
  return block.locator('textarea.body-param__text').inputValue()
}

describe.skipIf(chromiumAbsent !== undefined)('in Chromium', () => {
  test('two visitors of /docs execute its example, and both get an account', async () => {
    const { url } = await startTaskport()
    const context = await openChromium()
    const addresses: string[] = []
    for (const visitor of ['first', 'second']) {
      const page = await context.newPage()
      await page.goto(`${url}/docs`)
      const body = JSON.parse(await filledIn(page, 'register'))
      expect(await page.locator('a[href^="mailto:"]').count(), 'no mailbox is made up').toBe(0)
      addresses.push(body.email)
      const answered = page.waitForResponse('**/auth/register')
      await page.getByRole('button', { name: 'Execute' }).click()
      expect((await answered).status(), visitor).toBe(201)
      expect(JSON.parse(await filledIn(page, 'login')).email).toBe(body.email)
      await keep(page, `docs-${visitor}`)
      await page.setViewportSize({ width: 390, height: 844 })
      expect(await isTooWide(page), 'an answer fits a telephone').toBe(false)
      await keep(page, `docs-narrow-${visitor}`)
    }
    expect(new Set(addresses).size).toBe(2)
    for (const address of addresses) expect(address).toMatch(/^[\w-]+@example\.org$/)
  })

  test('the switch of /docs shows the original contract, and its example is executed', async () => {
    const { url } = await startTaskport()
    const page = await (await openChromium()).newPage()
    const faults: string[] = []
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    await page.goto(`${url}/docs`)
    const titles = page.locator('.info .title')
    await page.getByText('/api/v1/tasks', { exact: true }).first().waitFor()
    expect(await titles.textContent()).toMatch(/^Taskport\s/)
    await keep(page, 'docs-api')
    await page.getByRole('link', { name: 'The original contract' }).click()
    await page.locator('#operations-Tasks-list').waitFor()
    expect(await titles.textContent()).toMatch(/^Taskport: the original contract/)
    expect(await page.locator('a[aria-current=page]').textContent()).toBe('The original contract')
    await keep(page, 'docs-original')
    const block = page.locator('#operations-Accounts-register')
    await block.locator('.opblock-summary-control').click()
    await block.getByRole('button', { name: 'Try it out' }).click()
    const answered = page.waitForResponse('**/api/auth/register')
    await page.getByRole('button', { name: 'Execute' }).click()
    expect((await answered).status()).toBe(201)
    // What stands below a server of its own is asked for at its whole path.
    const task = page.locator('[id$="-getOfToken"]')
    await task.locator('.opblock-summary-control').click()
    await task.getByRole('button', { name: 'Try it out' }).click()
    await task.locator('tr[data-param-name=id] input').fill('0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a')
    const asked = page.waitForRequest('**/tasks/0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a')
    await task.getByRole('button', { name: 'Execute' }).click()
    expect(new URL((await asked).url()).pathname).toBe(
      '/api/tasks/0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a',
    )
    expect(faults.filter((text) => !text.includes('401'))).toEqual([])
    await page.getByRole('link', { name: 'The API, /api/v1' }).click()
    await page.locator('#operations-Tasks-listTasks').waitFor()
    expect(new URL(page.url()).search).toBe('')
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${url}/docs?contract=original`)
    await page.locator('#operations-Tasks-list').waitFor()
    await keep(page, 'docs-original-narrow')
  })

  test('the start page shows its commands, and another address after a reload', async () => {
    const { url } = await startTaskport()
    const page = await (await openChromium()).newPage()
    const faults: string[] = []
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()))
    await page.goto(url)
    const address = async () =>
      /you-\w+@example\.org/.exec((await page.locator('pre').first().textContent()) ?? '')?.[0]
    const first = await address()
    await keep(page, 'home')
    await page.reload()
    expect(first).toBeDefined()
    expect(await address()).not.toBe(first)
    await page.setViewportSize({ width: 390, height: 844 })
    await keep(page, 'home-narrow')
    expect(await isTooWide(page), 'nothing is wider than a telephone').toBe(false)
    expect(faults).toEqual([])
  })
})
