// The database as the one process has it that writes: its turn, its migrations, its copies.
import type { Config } from '../../config.ts'
import type { Log } from '../../core/log.ts'
import type { About } from '../../http/deps.ts'
import { version } from '../../version.ts'
import { type Opened, openDatabase } from './database.ts'
import type { Place } from './database-target.ts'
import { STARTING } from './readiness-gate.ts'

export type Holding = Opened & {
  /** What there is to say about a service on it that runs on `runtime`. */
  about(runtime: string): About
  /** Begins to keep it copied, where it is. */
  keep(): void
  /**
   * The last copy, where there are copies, within so many milliseconds; then the database is
   * closed.
   */
  close(ms: number): Promise<void>
}
type Holder = { readonly config: Config; readonly place: Place; readonly log: Log; ended(): void }

export const TAKEN_OVER = 'another process has taken the database over'
const WAITING = 'The database is being restored, or another process still has it.'
/**
 * Why a service that has just started cannot answer yet; with copies it may have to wait for
 * another process, or for one of them.
 */
export const reasonToWait = ({ backup }: Config, { kind }: Place): string =>
  backup !== undefined && kind === 'file' ? WAITING : STARTING

/**
 * Waits for the turn where there are copies, and opens. `ended` is called when another process has
 * taken the database over. Throws Refusal.
 */
export const holdDatabase = async ({ config, place, log, ended }: Holder): Promise<Holding> => {
  const { backup } = config
  const copied =
    backup !== undefined && place.kind === 'file' ? { config, backup, place, log } : undefined
  const turn = copied && (await (await import('./backup/copies.ts')).takeTurn(copied))
  const opened = await openDatabase(place, { ...config, bounds: { ...config, log } })
  const keeper = turn?.keep(opened.db, ended)
  return {
    ...opened,
    db: keeper?.db ?? opened.db,
    about: (runtime) => ({
      ...{ version, runtime, engine: opened.engine, startedAt: Math.round(performance.timeOrigin) },
      ...{ durability: place.durability, ...(keeper && { copies: keeper.copies }) },
    }),
    keep: () => keeper?.start(),
    close: async (ms) => {
      await keeper?.stop(ms)
      const storage = await opened.db.storage?.()
      await opened.db.close()
      if (storage?.full)
        log.warning('the process ends with a full storage: what was acknowledged is kept')
    },
  }
}
