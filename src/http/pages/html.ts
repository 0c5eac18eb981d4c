// What the pages have in common: escaping and headers.
import type { Config } from '../../config.ts'

/** Text as it stands in HTML, in an attribute too. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

/** A check mark, so that no browser asks for /favicon.ico. */
export const ICON =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><rect width='16' height='16' rx='4' fill='%232563eb'/><path d='M4 8.5l3 3 5-6' fill='none' stroke='white' stroke-width='2'/></svg>"

/** The media type of a page. */
export const PAGE = 'text/html; charset=utf-8'

/**
 * Directives beyond the strict ones that every page has; `isSecret` is one with a secret in it, so
 * that no other site may frame it and nothing may store it.
 */
export type Csp = { readonly style?: string; readonly connect?: string; readonly isSecret?: true }

/**
 * Headers of a page. Nothing is loaded from elsewhere and nothing runs inline. On a Space,
 * huggingface.co shows the page in a frame; no other site may.
 */
export const pageHeaders = (
  { spaceId }: Pick<Config, 'spaceId'>,
  requestId: string,
  { style = '', connect, isSecret }: Csp = {},
) => ({
  'Content-Type': PAGE,
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${style}`,
    "img-src 'self' data:",
    ...(connect === undefined ? [] : [`connect-src ${connect}`]),
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${isSecret ? "'none'" : `'self'${spaceId === undefined ? '' : ' https://huggingface.co'}`}`,
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': isSecret ? 'no-store' : 'no-cache',
  'X-Request-Id': requestId,
})
