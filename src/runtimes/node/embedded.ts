// Taskport in a program of others, which mounts it: docs/embedding.md.
import { Hono } from 'hono'
import { type App, createApp } from '../../app.ts'
import { parseConfig } from '../../config.ts'
import { systemClock } from '../../core/clock.ts'
import { createLog } from '../../core/log.ts'
import { createDeps } from '../../deps.ts'
import { readAssets } from './assets.ts'
import { refuseUnfinished } from './database.ts'
import { startDatabaseLifecycle } from './database-lifecycle.ts'
import { findDatabaseTarget } from './database-target.ts'
import type { Service, ServiceOptions } from './embedded.d.mts'
import { JOBS_END_MS, startJobsOf } from './lifecycle.ts'
import { repairDuringOverlap } from './overlap.ts'
import { Refusal } from './refusal.ts'
import type { Scheduler } from './scheduler.ts'
import { node } from './server.ts'
import { createTargets } from './webhooks/targets.ts'

const CLOSE_MS = 10_000

/**
 * Opens the database, migrates it, and makes the service. It listens to nothing, handles no signal
 * and ends no process. Throws an error with a line for each fault of the configuration.
 */
export const createService = async ({
  env = process.env,
  basePath = '',
  log: write = () => {},
}: ServiceOptions = {}): Promise<Service> => {
  const config = parseConfig(env)
  const base = baseOf(basePath)
  if (config.workers !== 1)
    throw new Refusal('WORKERS is for the service by itself: remove it where it is mounted')
  const log = createLog(config.logLevel, write, systemClock)
  const ending = new AbortController()
  const ended = () => ending.abort() // another process has taken the database over
  const target = findDatabaseTarget(config)
  const lifecycle = await startDatabaseLifecycle({ config, target, log, ended })
  let scheduler: Scheduler | undefined
  const close = async (ms = CLOSE_MS): Promise<void> => {
    ending.abort()
    const began = performance.now()
    await scheduler?.ended(Math.min(JOBS_END_MS, ms))
    await lifecycle.close(Math.max(0, ms - (performance.now() - began)))
  }
  try {
    if (lifecycle.missing.length > 0)
      throw new Refusal(`the database lacks ${lifecycle.missing.join(', ')}: set MIGRATE to auto`)
    await refuseUnfinished(lifecycle.db)
    const about = lifecycle.about(node.name)
    const replicas = target.kind === 'server'
    const targets = createTargets({ allowed: config.webhookHosts })
    const assets = readAssets()
    const parts = { ...lifecycle, log, peerOf: node.peerOf, assets, about, replicas, targets }
    const deps = await createDeps(config, parts)
    ending.signal.addEventListener('abort', () => deps.grown?.end())
    scheduler = startJobsOf(deps, ending)
    repairDuringOverlap(deps, lifecycle, ending.signal)
    lifecycle.startBackups()
    return { ...mounted(createApp(deps), base), close }
  } catch (error) {
    await close()
    throw error
  }
}

const baseOf = (path: string): string => {
  const base = path.replace(/\/+$/, '')
  if (base !== '' && !/^(?:\/[\w.~-]+)+$/.test(base))
    throw new Refusal('basePath is not a path such as /tasks')
  return base
}

const mounted = (service: App, base: string): Pick<Service, 'app' | 'fetch'> => {
  const fetch: Service['fetch'] = (request, env = {}) =>
    service.fetch(base === '' ? request : below(request, base), env)
  const app = new Hono()
  app.all('*', (c) => fetch(c.req.raw, (c.env ?? {}) as object))
  return { app, fetch }
}

/** The request as the service sees it, which knows nothing of where it is mounted. */
const below = (request: Request, base: string): Request => {
  const url = new URL(request.url)
  if (url.pathname !== base && !url.pathname.startsWith(`${base}/`)) return request
  url.pathname = url.pathname.slice(base.length) || '/'
  return new Request(url, request)
}
