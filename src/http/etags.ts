// Entity tags (RFC 9110, 8.8.3) as clients send them back, also where a proxy has changed them.
import type { Revisions } from '../core/precondition.ts'

/**
 * What a proxy that compresses appends to the tag of what it compressed: `-gzip` (Apache),
 * `--gzip` (Jetty), `;br`; several proxies append several. It says how the bytes were coded and
 * names no other version. No tag of this service ends like that.
 */
const CODED =
  /(?:(?:--?|[;:+_.])(?:x-gzip|gzip|gz|x-compress|compress|deflate|brotli|br|zstd|zst|identity)){1,4}$/i
/** A tag up to the next comma outside its quotes; or any other text. */
const TAGS = /(?:W\/)?("[^"]*")([^,]*)|[^\s,][^,]*/gi

/**
 * The tags that a header lists, in their quotes, without `W/` and what proxies append. What is not
 * a tag stays as it is.
 */
const tagsOf = (header: string): string[] =>
  Array.from(header.matchAll(TAGS), ([all, quoted, rest = '']) => {
    if (quoted === undefined) return all.trim()
    // Some versions of Apache append it behind the quotes.
    const isTag = rest.trim() === '' || rest.trim().replace(CODED, '') === ''
    return isTag ? `"${quoted.slice(1, -1).replace(CODED, '')}"` : all.trim()
  })

/**
 * The revisions that If-Match names. A bare revision without its quotes is understood as well. A
 * weak tag counts, though RFC 9110 (13.1.1) compares strongly here: proxies make tags weak, and a
 * revision names one state, however its bytes are coded.
 */
export const revisionsOf = (header: string | undefined): Revisions => {
  if (header === undefined) return undefined
  if (header.trim() === '*') return '*'
  return tagsOf(header).map((tag) =>
    tag.startsWith('"')
      ? tag.replace(/^"(.*)"$/, '$1')
      : tag.replace(/^W\//i, '').replace(CODED, ''),
  )
}

/** Does If-None-Match name this ETag? Weak comparison (RFC 9110, 13.1.2). */
export const isKnown = (header: string, etag: string): boolean =>
  header.trim() === '*' || tagsOf(header).includes(etag)
