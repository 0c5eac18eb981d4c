import { type Instant, instantOf } from '../db/instant.ts'
import { type DomainError, invalid } from './errors.ts'
import { isId } from './ids.ts'
import { instantIn } from './schemas.ts'
import { isStorable } from './text.ts'

/** Where a page ended: the sort key and the id of its last item. */
export type Place = { readonly key: string; readonly id: string }
/** A page of a list, as it is answered. */
export type Page<T> = { readonly items: T[]; readonly next_cursor: string | null }

/** FNV-1a, 32 bits. By it a cursor of another list is recognised. It protects no secret. */
const digest = (text: string): string => {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return (hash >>> 0).toString(36)
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * A cursor for the page after `place`, in the list that `list` describes (its sort and filters). It
 * is URL-safe text.
 */
const cursorOf = (list: string, place: Place): string => {
  const bytes = encoder.encode(JSON.stringify([digest(list), place.key, place.id]))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

/**
 * The place in a cursor. Throws `invalid` for text that is no cursor, and for a cursor of another
 * sort or filter.
 */
export const placeOf = (list: string, cursor: string): Place => {
  const parts = decode(cursor)
  if (!parts || !isStorable(parts[1]) || !isId(parts[2])) throw malformedCursor()
  const [of, key, id] = parts
  if (of !== digest(list))
    throw invalid({
      at: ['cursor'],
      code: 'other_list',
      detail: 'The cursor belongs to a list with another sort or filter.',
    })
  return { key, id }
}

/** Refuses a cursor that no answer of this service has. */
export const malformedCursor = (): DomainError =>
  invalid({
    at: ['cursor'],
    code: 'malformed',
    detail: 'This is not a cursor of this service.',
  })

/** The instant that is the sort key of a place. Throws `invalid` for another text. */
export const instantAt = ({ key }: Place): Instant => {
  const ms = instantIn(key)
  if (ms === undefined) throw malformedCursor()
  return instantOf(ms)
}

/** The greatest number that every database stores as an integer. */
const MOST = 2 ** 31 - 1

/** The number, from 0, that is the sort key of a place. Throws `invalid` for another text. */
export const numberAt = ({ key }: Place): number => {
  if (!/^\d{1,10}$/.test(key) || Number(key) > MOST) throw malformedCursor()
  return Number(key)
}

const decode = (cursor: string): [string, string, string] | undefined => {
  try {
    const binary = atob(cursor.replaceAll('-', '+').replaceAll('_', '/'))
    const parts: unknown = JSON.parse(
      decoder.decode(Uint8Array.from(binary, (c) => c.charCodeAt(0))),
    )
    return Array.isArray(parts) && parts.length === 3 && parts.every((p) => typeof p === 'string')
      ? (parts as [string, string, string])
      : undefined
  } catch {
    return undefined
  }
}

/**
 * One page. `rows` were read with a limit of one more: the extra row only shows that there is a
 * next page. `stoppedAt`: reading ended there before the page was full.
 */
export const pageOf = <T>(
  list: string,
  rows: T[],
  limit: number,
  place: (row: T) => Place,
  stoppedAt?: Place,
): Page<T> => {
  if (rows.length <= limit)
    return { items: rows, next_cursor: stoppedAt ? cursorOf(list, stoppedAt) : null }
  const items = rows.slice(0, limit)
  return { items, next_cursor: cursorOf(list, place(items[limit - 1] as T)) }
}
