// A real Chromium that blocks what other sites want to store, as many people's browsers do.
import { accessSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './process.ts'

const EXECUTABLE = process.env['TEST_CHROMIUM'] ?? '/usr/bin/chromium'

/** Why there is no Chromium here; undefined where there is one. */
export const chromiumAbsent = ((): string | undefined => {
  try {
    accessSync(EXECUTABLE)
    return undefined
  } catch {
    return `there is no Chromium at ${EXECUTABLE}: install it, or set TEST_CHROMIUM to its path`
  }
})()

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Here the service is on this machine, which pages of the web may not reach without asking; a
  // Space is not.
  '--disable-features=LocalNetworkAccessChecks',
]

/** A browser with a new profile, closed behind the test. */
export const openChromium = async (): Promise<BrowserContext> => {
  const profile = temporaryFolder()
  mkdirSync(join(profile, 'Default'))
  const blocked = { profile: { block_third_party_cookies: true, cookie_controls_mode: 1 } }
  writeFileSync(join(profile, 'Default', 'Preferences'), JSON.stringify(blocked))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    args: flags,
  })
  onTestFinished(() => context.close())
  return context
}
