// The database as the one process has it that writes: its turn, its migrations, its copies.
import type { Config } from '../../config.ts'
import type { Log } from '../../core/log.ts'
import { isUnfinishedCopy } from '../../db/copy/mark.ts'
import type { About } from '../../http/deps.ts'
import { version } from '../../version.ts'
import { type Opened, openDatabase } from './database.ts'
import type { Place } from './place.ts'
import { Refusal } from './refusal.ts'

export type Holding = Opened & {
  /** What there is to say about a service on it that runs on `runtime`. */
  about(runtime: string): About
  /** Begins to keep it copied, where it is. */
  keep(): void
  /** The last copy, where there are copies; answers whether everything is kept. */
  close(): Promise<boolean>
}
type Holder = { readonly config: Config; readonly place: Place; readonly log: Log; ended(): void }

/** Does whoever starts have to wait for another process, or for a copy? */
export const mayWait = ({ backup }: Config, { kind }: Place): boolean => backup !== undefined && kind === 'file'
export const WAITING = 'The database is being restored, or another process still has it.'

/** Waits for the turn where there are copies, and opens. `ended` is called when another process has taken the database over. Throws Refusal. */
export const holdDatabase = async ({ config, place, log, ended }: Holder): Promise<Holding> => {
  const { backup } = config
  const copied = backup !== undefined && place.kind === 'file' ? { config, backup, place, log } : undefined
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
    close: async () => {
      const kept = await keeper?.stop()
      const storage = await opened.db.storage?.()
      await opened.db.close()
      if (storage?.full) log.warning('the process ends with a full storage: what was acknowledged is kept')
      return kept !== false
    },
  }
}

/** Throws Refusal. */
export const refuseUnfinished = async ({ db }: Pick<Holding, 'db'>): Promise<void> => {
  if (await isUnfinishedCopy(db))
    throw new Refusal('DATABASE_URL leads to a copy that is not finished: run npm run db:copy again, or use an empty database')
}
