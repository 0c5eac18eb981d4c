// Which time zone data this runtime calculates with. Runtimes ship different ones.
import { Temporal } from 'temporal-polyfill'
import { sha256 } from './secrets.ts'

export type ZoneData = {
  /** The same for the same data. */
  readonly id: string
  /** The version of the IANA database, such as `2026c`; undefined where it is not known. */
  readonly version: string | undefined
}

/**
 * What is known of the data of this runtime. `version` is what the runtime says of Intl. It holds
 * for Temporal where that calculates by Intl. A Temporal of the runtime has data of its own, which
 * may be older than that: this is told by what it answers.
 */
export const zoneDataOf = async (version: string | undefined): Promise<ZoneData> => {
  const { Temporal: native } = globalThis as { Temporal?: unknown }
  if (version !== undefined && native === undefined) return { id: version, version }
  return { id: (await fingerprint()).slice(0, 16), version: undefined }
}

/** Zones whose rules have changed in the last years, or may, and some that are used most. */
const ZONES = [
  'Africa/Cairo Africa/Casablanca Africa/El_Aaiun Africa/Johannesburg Africa/Juba Africa/Khartoum',
  'America/Asuncion America/Bogota America/Caracas America/Chihuahua America/Ciudad_Juarez',
  'America/Coyhaique America/Edmonton America/Fortaleza America/Havana America/Los_Angeles',
  'America/Mexico_City America/Miquelon America/Montevideo America/New_York America/Nuuk',
  'America/Port-au-Prince America/Punta_Arenas America/Santiago America/Sao_Paulo',
  'America/Scoresbysund America/St_Johns America/Tijuana America/Vancouver America/Whitehorse',
  'Antarctica/Casey Antarctica/Troll Antarctica/Vostok Asia/Almaty Asia/Amman Asia/Beirut',
  'Asia/Damascus Asia/Gaza Asia/Hebron Asia/Jerusalem Asia/Kolkata Asia/Manila Asia/Pyongyang',
  'Asia/Qyzylorda Asia/Tehran Asia/Tokyo Asia/Ulaanbaatar Atlantic/Azores Australia/Lord_Howe',
  'Australia/Sydney Europe/Berlin Europe/Chisinau Europe/Dublin Europe/Istanbul Europe/Kyiv',
  'Europe/London Europe/Moscow Europe/Volgograd Pacific/Apia Pacific/Auckland Pacific/Easter',
  'Pacific/Fiji Pacific/Norfolk Pacific/Tongatapu',
].flatMap((line) => line.split(' '))
const FROM = Date.UTC(2026, 0, 1)
const UNTIL = Date.UTC(2037, 0, 1)
/** No divisor of a year, so that it falls on other days in each. */
const STEP = 20 * 24 * 60 * 60 * 1000

/** A digest of the offsets of these zones at fixed instants. Other requests run in between. */
const fingerprint = async (): Promise<string> => {
  const offsets: string[] = []
  for (const zone of ZONES) {
    offsets.push(offsetsOf(zone))
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  return sha256(offsets.join('\n'))
}

const offsetsOf = (zone: string): string => {
  try {
    let text = ''
    for (let ms = FROM; ms < UNTIL; ms += STEP)
      text += Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone).offset
    return text
  } catch {
    return 'unknown'
  }
}
