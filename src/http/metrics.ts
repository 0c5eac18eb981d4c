// Metrics in Prometheus' text format (0.0.4): nothing is counted, and nothing costs time, unless
// METRICS_TOKEN is set.
import type { Figures } from '../core/broadcast.ts'
import { groupBy } from '../core/group-by.ts'
import type { BackupStatus, Deps } from './deps.ts'
import { label } from './meters.ts'
import { storageNow } from './storage.ts'

export type Metrics = {
  /** May a client with this Authorization header read them? */
  admits(authorization: string | undefined): Promise<boolean>
  text(): Promise<string>
}

/** What is added up over all processes: the type and the meaning of each family of series. */
const families = [
  ['taskport_http_requests_total', 'counter', 'Requests answered, by operation and status.'],
  [
    'taskport_http_request_duration_seconds',
    'histogram',
    'How long it took until the answer began, by operation.',
  ],
  [
    'taskport_database_wait_seconds',
    'histogram',
    'How long calls waited for their turn at the database: for a connection, or for the writer of a file.',
  ],
  [
    'taskport_event_loop_delay_seconds',
    'histogram',
    'How late the event loop is, ten times a second.',
  ],
  [
    'taskport_reminders_total',
    'counter',
    'Reminders whose time came, by what became of them: fired, late, missed.',
  ],
  ['taskport_reminder_delay_seconds', 'histogram', 'How long after their time reminders fired.'],
  [
    'taskport_webhook_attempts_total',
    'counter',
    'Attempts to deliver to webhooks, by what became of them: delivered, retried, failed.',
  ],
  [
    'taskport_job_lag_seconds',
    'gauge',
    'How long something has been due, by job, that is not done.',
  ],
  ['taskport_job_runs_total', 'counter', 'Runs that have ended, by job.'],
  ['taskport_job_failures_total', 'counter', 'Runs that failed, by job.'],
  ['taskport_job_duration_seconds', 'histogram', 'How long runs took, by job.'],
  ['process_resident_memory_bytes', 'gauge', 'Memory of all processes.'],
  ['process_cpu_seconds_total', 'counter', 'CPU time of all processes.'],
  ['taskport_heap_size_bytes', 'gauge', 'What the heaps of JavaScript have reserved.'],
  ['taskport_heap_used_bytes', 'gauge', 'What is in use of that.'],
] as const

/** Without labels, and without what the series of a histogram have at the end of their names. */
const familyOf = (series: string): string =>
  series.replace(/\{.*$/s, '').replace(/_seconds_(?:bucket|sum|count)$/, '_seconds')

const familiesOf = (figures: Figures): string[] => {
  const byFamily = groupBy(Object.entries(figures), ([series]) => familyOf(series))
  return families.flatMap(([name, type, help]) => {
    const series = byFamily.get(name) ?? []
    if (series.length === 0) return []
    const lines = series.map(([key, value]) => `${key} ${value}`)
    return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines]
  })
}

export const createMetrics = ({
  config: { metricsToken },
  about,
  clock,
  broadcast,
  db,
  meters,
  processFigures,
  firings,
  webhooks,
  jobs,
}: Deps): Metrics => {
  if (meters)
    broadcast.figures.give(() => ({
      ...meters.figures(),
      ...Object.fromEntries(db.waits?.figures('taskport_database_wait_seconds') ?? []),
      ...processFigures(),
      ...firings.figures(),
      ...webhooks.counts.figures(),
      ...jobs.figures(),
    }))
  return {
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
        `taskport_info{version="${label(about.version)}",commit="${label(about.commit ?? '')}",runtime="${label(about.runtime)}",engine="${label(about.engine)}"} 1`,
        ...familiesOf(await broadcast.figures.all()),
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
 * Compares two secrets in a time that does not depend on where they differ: their digests, every
 * byte.
 */
const equal = async (a: string, b: string): Promise<boolean> => {
  const digest = async (text: string) =>
    new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  const [left, right] = await Promise.all([digest(a), digest(b)])
  return left.reduce((difference, byte, i) => difference | (byte ^ (right[i] ?? 0)), 0) === 0
}
