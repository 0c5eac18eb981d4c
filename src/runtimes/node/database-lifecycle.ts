// The database of the one process that writes it: becoming the writer, migrations, backups.
import type { Config } from '../../config.ts'
import type { Log } from '../../core/log.ts'
import type { About } from '../../http/deps.ts'
import { version } from '../../version.ts'
import { builtCommit } from './commit.ts'
import { type Opened, openDatabase } from './database.ts'
import type { DatabaseTarget } from './database-target.ts'
import { STARTING } from './readiness-gate.ts'

export type DatabaseLifecycle = Opened & {
  /** What a service that runs on `runtime` with this database shows. */
  about(runtime: string): About
  /** Begins to make backups, if they are configured. */
  startBackups(): void
  /**
   * Makes the last backup within so many milliseconds, if backups are configured. Then closes the
   * database.
   */
  close(ms: number): Promise<void>
}

type Parts = {
  readonly config: Config
  readonly target: DatabaseTarget
  readonly log: Log
  /** Called when another process has taken the database over. */
  ended(): void
  migrating?(work: Promise<unknown>): void
}

export const TAKEN_OVER = 'another process has taken the database over'
const WAITING = 'The database is being restored, or another process still has it.'
/**
 * Why a service that has just started cannot answer yet. With backups it may have to restore one, or
 * to wait until another process has handed over.
 */
export const reasonToWait = ({ backup }: Config, { kind }: DatabaseTarget): string =>
  backup !== undefined && kind === 'file' ? WAITING : STARTING

/** With backups, waits until this process is the writer. Then opens the database. Throws Refusal. */
export const startDatabaseLifecycle = async (parts: Parts): Promise<DatabaseLifecycle> => {
  const { config, target, log, ended, migrating } = parts
  const leadership = await leadershipOf(parts)
  const opened = await openDatabase(target, {
    ...config,
    bounds: { ...config, log },
    ...(migrating && { migrating }),
  })
  const writer = leadership?.createWriter(opened.db, ended)
  return {
    ...opened,
    db: writer?.db ?? opened.db,
    about: (runtime) => ({
      version,
      commit: config.sourceCommit ?? builtCommit(),
      runtime,
      engine: opened.engine,
      startedAt: Math.round(performance.timeOrigin),
      durability: target.durability,
      ...(writer && { backups: writer.backups }),
    }),
    startBackups: () => writer?.start(),
    close: async (ms) => {
      await writer?.stop(ms)
      const storage = await opened.db.storage?.()
      await opened.db.close()
      if (storage?.full)
        log.warning('the process ends with a full storage: what was acknowledged is kept')
    },
  }
}

/** Undefined without backups. Only a database in a file has them. */
const leadershipOf = async ({ config, target, log }: Parts) => {
  const { backup: backupConfig } = config
  if (backupConfig === undefined || target.kind !== 'file') return undefined
  const { becomeWriter } = await import('./backup/backups.ts')
  return becomeWriter({ config, backupConfig, target, log })
}
