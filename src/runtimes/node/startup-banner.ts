import type { Config } from '../../config.ts'
import { systemClock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import { durabilityNow } from '../../http/durability.ts'
import type { DatabaseLifecycle } from './database-lifecycle.ts'
import type { DatabaseTarget } from './database-target.ts'

type Started = {
  readonly config: Config
  readonly target: DatabaseTarget
  readonly lifecycle: DatabaseLifecycle
  readonly log: Log
  readonly runtime: string
  readonly port: number
  readonly workers?: number
}

/**
 * Says in the log and to the operator what has started. Only the operator is told where the data
 * is.
 */
export const announce = async ({
  config: { host, publicUrl },
  target,
  lifecycle,
  log,
  runtime,
  port,
  workers,
}: Started): Promise<void> => {
  const { applied, missing } = lifecycle
  const { version, engine, ...about } = lifecycle.about(runtime)
  const durability = await durabilityNow(about, systemClock)
  const details = {
    ...(workers !== undefined && { workers }),
    ...(target.kind === 'file' && { file: target.path }),
  }
  log.info('started', {
    version,
    runtime,
    engine,
    durability: durability.kind,
    port,
    public_url: publicUrl,
    migrations: applied,
    ...details,
  })
  if (missing.length > 0)
    log.warning('the database has to be migrated before it can be used', { missing })
  if (durability.kind === 'ephemeral')
    log.warning('the data is not kept', { reason: durability.reason })
  // For the operator, on standard error: standard output has only lines of the log.
  const where = target.kind === 'file' ? ` The file is ${target.path}.` : ''
  const here = addressOf(host, port)
  const there =
    publicUrl === undefined || publicUrl === here ? '' : ` Its public address is ${publicUrl}.`
  console.error(`Taskport ${version} is at ${here}.${there} ${durability.reason}${where}`)
}

/** The address to open in a browser on this machine. */
const addressOf = (host: string, port: number): string => {
  const name = ['0.0.0.0', '::'].includes(host)
    ? 'localhost'
    : host.includes(':')
      ? `[${host}]`
      : host
  return `http://${name}:${port}`
}
