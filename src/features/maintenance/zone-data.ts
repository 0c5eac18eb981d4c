// Who derives instants again when time zone data changes. Processes with different data may share a
// database: the newest data wins.
import type { Ctx } from '../../core/context.ts'
import { setSettingBelow, settingsBelow } from '../../core/settings.ts'
import type { ZoneData } from '../../core/zone-data.ts'
import type { Write } from '../../db/statement.ts'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR
/** A process that runs says so every hour. Data that was not seen for so long is out of use. */
const UNSEEN_MS = 2 * DAY
/** What others wrote is looked for from so long before the last time, because clocks differ. */
const MARGIN_MS = DAY

/** With which data the instants were derived last, and when; in milliseconds since the epoch. */
type Derived = { readonly id: string; readonly version?: string | undefined; readonly at: number }

/** What the database knows of the time zone data of those who write to it. */
export type Known = {
  readonly derived: Derived | undefined
  /** When a process with this data ran last, by its id. */
  readonly seen: ReadonlyMap<string, number>
}

const NAME = 'zone_data'
const DERIVED = 'derived'
const SEEN = 'seen/'

type Db = Pick<Ctx, 'db'>

export const readKnown = async ({ db }: Db): Promise<Known> => {
  const settings = await settingsBelow(db, NAME)
  const derived = settings.get(DERIVED)
  const seen = [...settings].filter(([name]) => name.startsWith(SEEN))
  return {
    derived: derived === undefined ? undefined : (JSON.parse(derived) as Derived),
    seen: new Map(seen.map(([name, at]) => [name.slice(SEEN.length), Number(at)])),
  }
}

/** The write that says that a process with this data runs. */
export const noteSeen = ({ db }: Db, { id }: ZoneData, now: number): Write =>
  setSettingBelow(db, NAME, `${SEEN}${id}`, String(now))

/** The write that says that all instants are derived with this data. */
export const noteDerived = ({ db }: Db, { id, version }: ZoneData, now: number): Write =>
  setSettingBelow(db, NAME, DERIVED, JSON.stringify({ id, version, at: now } satisfies Derived))

type Asked = { readonly mine: ZoneData; readonly now: number; readonly starting: boolean }

/**
 * From when on the changed tasks have to be looked at, by a process with the data `mine`: 0 for all
 * of them, undefined for none.
 */
export const lookFrom = ({ derived, seen }: Known, asked: Asked): number | undefined => {
  const { mine, now } = asked
  if (!derived) return 0
  if (derived.id !== mine.id) return takesOver(derived, seen.get(derived.id), asked) ? 0 : undefined
  const since = derived.at - 2 * HOUR
  const othersWrite = [...seen].some(([id, at]) => id !== mine.id && at >= since)
  return othersWrite ? Math.min(derived.at, now) - MARGIN_MS : undefined
}

/**
 * Newer data does at once. Where it is not known which is newer, a process that starts does: it may
 * be the same runtime, brought up to date. Other data waits until the present one is out of use.
 */
const takesOver = (
  derived: Derived,
  seenAt: number | undefined,
  { mine, now, starting }: Asked,
): boolean => {
  if (mine.version !== undefined && mine.version > (derived.version ?? '')) return true
  if (mine.version === undefined && derived.version === undefined && starting) return true
  return seenAt === undefined || Math.abs(now - seenAt) > UNSEEN_MS
}
