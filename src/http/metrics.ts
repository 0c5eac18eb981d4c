// Metrics in Prometheus' text format (0.0.4): nothing is counted, and nothing costs time, unless
// METRICS_TOKEN is set.
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Hono } from 'hono'
import type { RequestCount } from '../core/broadcast.ts'
import type { BackupStatus, Deps } from './deps.ts'
import { storageNow } from './storage.ts'

type App = Hono | OpenAPIHono

export type Metrics = {
  readonly on: boolean
  /** Counts the response by operation and status, and passes it on. */
  count(app: App, request: Request, response: Response | Promise<Response>): Promise<Response>
  /** May a client with this Authorization header read them? */
  admits(authorization: string | undefined): Promise<boolean>
  text(): Promise<string>
}

export const createMetrics = ({
  config: { metricsToken },
  about,
  clock,
  broadcast,
  db,
}: Deps): Metrics => {
  const counts = new Map<string, { -readonly [K in keyof RequestCount]: RequestCount[K] }>()
  broadcast.answered.give(() => [...counts.values()])
  return {
    on: metricsToken !== undefined,
    count: async (app, request, pending) => {
      const response = await pending
      const operation = operationOf(app, request)
      const key = `${response.status} ${operation}`
      const entry = counts.get(key) ?? { operation, status: response.status, total: 0 }
      entry.total++
      counts.set(key, entry)
      return response
    },
    admits: async (authorization) => {
      const token = /^bearer +(.+)$/i.exec(authorization ?? '')?.[1]
      return (
        metricsToken !== undefined &&
        token !== undefined &&
        (await equal(token.trim(), metricsToken))
      )
    },
    text: async () =>
      [
        '# HELP process_start_time_seconds When the service started, in seconds since the epoch.',
        '# TYPE process_start_time_seconds gauge',
        `process_start_time_seconds ${about.startedAt / 1000}`,
        '# HELP taskport_info What is running.',
        '# TYPE taskport_info gauge',
        `taskport_info{version="${label(about.version)}",runtime="${label(about.runtime)}",engine="${label(about.engine)}"} 1`,
        '# HELP taskport_http_requests_total Requests answered, by operation and status.',
        '# TYPE taskport_http_requests_total counter',
        ...(await broadcast.answered.all()).map(
          ({ operation, status, total }) =>
            `taskport_http_requests_total{operation="${label(operation)}",status="${status}"} ${total}`,
        ),
        ...storageMetrics(await storageNow(db)),
        ...(about.backups ? backupMetrics(await about.backups(), clock.now()) : []),
        '',
      ].join('\n'),
  }
}

const metric = (
  name: string,
  type: 'gauge' | 'counter',
  help: string,
  value: number | null | undefined,
): string[] =>
  value === undefined || value === null
    ? []
    : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, `${name} ${value}`]

const storageMetrics = (storage: Awaited<ReturnType<typeof storageNow>>): string[] => [
  ...metric(
    'taskport_storage_full',
    'gauge',
    'Is everything new refused because the storage is full?',
    storage.state === 'full' ? 1 : 0,
  ),
  ...metric('taskport_storage_used_bytes', 'gauge', 'What the database holds.', storage.used_bytes),
  ...metric(
    'taskport_storage_free_bytes',
    'gauge',
    'What is free on its disk.',
    storage.free_bytes,
  ),
  ...metric(
    'taskport_storage_unused_bytes',
    'gauge',
    'Space in its file that is used again.',
    storage.unused_bytes,
  ),
  ...metric(
    'taskport_storage_reserve_bytes',
    'gauge',
    'The reserve: with less, everything new is refused.',
    storage.reserve_bytes,
  ),
  ...metric('taskport_storage_limit_bytes', 'gauge', 'What it may hold.', storage.limit_bytes),
]

const backupMetrics = (
  { last, lossBound, unsavedFor, failures, count }: BackupStatus,
  now: number,
): string[] => {
  return [
    ...metric(
      'taskport_backup_age_seconds',
      'gauge',
      'The age of the last backup of the database.',
      last && (now - last.at) / 1000,
    ),
    ...metric(
      'taskport_backup_duration_seconds',
      'gauge',
      'How long the last backup took.',
      last && last.duration / 1000,
    ),
    ...metric('taskport_backup_size_bytes', 'gauge', 'The size of the last backup.', last?.bytes),
    ...metric(
      'taskport_backup_loss_bound_seconds',
      'gauge',
      'How much of the last writes a kill may cost.',
      lossBound && lossBound / 1000,
    ),
    ...metric(
      'taskport_backup_unsaved_seconds',
      'gauge',
      'The age of the oldest write that no backup holds.',
      (unsavedFor ?? 0) / 1000,
    ),
    ...metric('taskport_backups_total', 'counter', 'Backups made by this process.', count),
    ...metric(
      'taskport_backup_failures_total',
      'counter',
      'Backups that failed in this process.',
      failures,
    ),
  ]
}

/**
 * The route that a request matched, as in `PATCH /api/v1/tasks/:id`: never its path, of which there
 * is no end.
 */
const operationOf = (app: App, { method, url }: Request): string => {
  const asked = method === 'HEAD' ? 'GET' : method
  const [handlers] = app.router.match(asked, new URL(url).pathname)
  const route = handlers[0]?.[0][1]
  return route ? `${asked} ${route.path}` : 'none'
}

const label = (value: string): string =>
  value.replace(/["\\\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))

/**
 * Compares two secrets in a time that does not depend on where they differ: their digests, every
 * byte.
 */
const equal = async (a: string, b: string): Promise<boolean> => {
  const digest = async (text: string) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  const [left, right] = await Promise.all([digest(a), digest(b)])
  return left.reduce((difference, byte, i) => difference | (byte ^ (right[i] ?? 0)), 0) === 0
}
