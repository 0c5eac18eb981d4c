// The D1 database that wrangler.toml binds, through wrangler: as who is signed in there.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { D1Database } from '@cloudflare/workers-types'
import { root } from '../../src/runtimes/node/package-root.ts'
import { Refusal, wordOf } from '../../src/runtimes/node/refusal.ts'

/** That of `wrangler dev` on this machine, or the deployed one. */
export type D1Place = 'local' | 'remote'
export const isD1Place = (text: string): text is D1Place => text === 'local' || text === 'remote'

type Wrangler = {
  unstable_readConfig(options: { config: string }): { readonly d1_databases: object[] }
  getPlatformProxy(options: {
    configPath: string
    persist: { path: string }
    remoteBindings: boolean
  }): Promise<{ readonly env: { readonly DB?: D1Database }; dispose(): Promise<void> }>
}

/** A name that bundlers do not follow: the image has no wrangler. */
const WRANGLER = 'wrangler'

const loadWrangler = async (): Promise<Wrangler> => {
  process.env['WRANGLER_SEND_METRICS'] ??= 'false'
  try {
    return (await import(WRANGLER)) as Wrangler
  } catch {
    throw new Refusal('wrangler is not installed, which --d1 needs: run npm ci --include=dev')
  }
}

/** Throws Refusal. */
export const openBinding = async (
  place: D1Place,
): Promise<{ readonly binding: D1Database; close(): Promise<void> }> => {
  const wrangler = await loadWrangler()
  const { d1_databases } = wrangler.unstable_readConfig({ config: join(root, 'wrangler.toml') })
  const folder = mkdtempSync(join(root, '.wrangler-user-'))
  const configPath = join(folder, 'wrangler.json')
  const databases = d1_databases.map((each) => ({ ...each, remote: place === 'remote' }))
  const config = { name: 'taskport', compatibility_date: '2026-11-17', d1_databases: databases }
  try {
    writeFileSync(configPath, JSON.stringify(config))
    const persist = { path: resolve(root, '.wrangler/state/v3') }
    const remoteBindings = place === 'remote'
    const { env, dispose } = await wrangler.getPlatformProxy({
      configPath,
      persist,
      remoteBindings,
    })
    if (env.DB) return { binding: env.DB, close: dispose }
    await dispose()
    throw new Refusal('wrangler.toml binds no D1 database as DB')
  } catch (error) {
    throw error instanceof Refusal
      ? error
      : new Refusal(`wrangler cannot open the database (${wordOf(error)})`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
