// The cells of another backend's tables as JSON values, by the types that their columns declare.
import { isDate } from '../../src/core/wall-clock.ts'
import type { Cell, Column } from './source.ts'

const isFlag = (type: string): boolean => /^(?:bool|boolean|tinyint\(1\)|bit\(1\)|bit)$/.test(type)
const isJson = (type: string): boolean => /^(?:jsonb?|array)$/.test(type)
const isTime = (type: string): boolean => /timestamp|datetime/.test(type)
const isNumber = (type: string): boolean =>
  /int|serial|real|double|float|numeric|decimal/.test(type)
/** Columns in which SQLAlchemy and others keep a UUID without its dashes, or as bytes. */
const isUuid = (type: string): boolean => /^(?:char\(32\)|uuid|binary\(16\)|blob)/.test(type)

const yes = ['1', 't', 'true', 'y', 'yes', 'on']
const no = ['0', 'f', 'false', 'n', 'no', 'off']
/** A flag however it is stored; undefined for what is none. */
export const flagOf = (value: unknown): boolean | undefined => {
  const word = String(value).trim().toLowerCase()
  return yes.includes(word) ? true : no.includes(word) ? false : undefined
}

const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?(?:\.\d+)?) ?(Z|UTC|[+-]\d\d(?::?\d\d)?)?$/i
/** Fewer digits are a day (20261201), a year or a flag. */
const COUNT = /^-?\d{9,14}(?:\.\d+)?$/
/** Seconds since the epoch have fewer digits than milliseconds. */
const LEAST_MS = 1e11

/**
 * A time as ISO 8601 writes it, with its offset if it has one; a day as it is. A number counts from
 * the epoch, in seconds or milliseconds. Undefined for what is neither.
 */
export const timeText = (value: unknown): string | undefined => {
  if (['number', 'string'].includes(typeof value) && COUNT.test(String(value))) {
    const count = Number(value)
    const at = new Date(Math.abs(count) < LEAST_MS ? count * 1000 : count)
    return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
  }
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return text
  const found = TIME.exec(text)
  if (!found) return undefined
  const [, day, clock = '', zone] = found
  const time = clock.length === 5 ? `${clock}:00` : clock.replace(/(\.\d{9})\d+$/, '$1')
  return `${day}T${time}${zone === undefined ? '' : offsetOf(zone)}`
}
const offsetOf = (zone: string): string => {
  if (/^(?:z|utc)$/i.test(zone)) return 'Z'
  const [hours, minutes] = [zone.slice(0, 3), zone.slice(3).replace(':', '') || '00']
  return hours.slice(1) === '00' && minutes === '00' ? 'Z' : `${hours}:${minutes}`
}

/** The instant of such a time, in milliseconds; one without an offset is of UTC. */
export const instantIn = (value: unknown): number | undefined => {
  const text = timeText(value)
  // Engines parse 30 February as 2 March.
  if (text === undefined || !isDate(text.slice(0, 10))) return undefined
  const ms = Date.parse(
    /T.*(?:Z|[+-]\d\d:\d\d)$/.test(text) || text.length === 10 ? text : `${text}Z`,
  )
  return Number.isNaN(ms) ? undefined : ms
}

const bytesIn = (cell: Cell): Uint8Array | undefined =>
  cell instanceof ArrayBuffer ? new Uint8Array(cell) : cell instanceof Uint8Array ? cell : undefined

const dashed = (hex: string): string =>
  hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Bytes that are no text as Postgres writes them: two ids of bytes must not become one text. */
const textOfBytes = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch {
    return `\\x${Buffer.from(bytes).toString('hex')}`
  }
}

/** Bytes as what they are most likely: a flag, a UUID, or text. */
const ofBytes = (bytes: Uint8Array, type: string): unknown => {
  if (isFlag(type)) return bytes.some((byte) => byte !== 0)
  return isUuid(type) && bytes.length === 16
    ? dashed(Buffer.from(bytes).toString('hex'))
    : textOfBytes(bytes)
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
/** A number, where that is the same; long ones stay text. */
const numberIn = (text: string): number | string => {
  const number = Number(text)
  return Number.isFinite(number) && (String(number) === text || /^-?\d+\.\d+$/.test(text))
    ? number
    : text
}

/** A cell as a JSON value; null where it holds nothing. */
export const decoded = (cell: Cell, { type }: Pick<Column, 'type'>): unknown => {
  if (cell === null || cell === undefined) return null
  const bytes = bytesIn(cell)
  if (bytes) return ofBytes(bytes, type)
  if (typeof cell === 'bigint') {
    const number = Number(cell)
    return decoded(Number.isSafeInteger(number) ? number : String(cell), { type })
  }
  if (isFlag(type)) return flagOf(cell) ?? cell
  if (isTime(type)) return timeText(cell) ?? cell
  if (typeof cell !== 'string') return cell
  if (isJson(type)) return parsed(cell)
  return isNumber(type) ? numberIn(cell) : cell
}

/** An id as text: as the other backend writes it in its tokens and answers. */
export const idOf = (cell: Cell, column: Column): string => {
  const text = String(decoded(cell, column))
  return /^[0-9a-f]{32}$/i.test(text) && isUuid(column.type) ? dashed(text) : text
}
