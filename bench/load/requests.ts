// Requests as the bytes that a generator sends.

/**
 * One request: of the person whose number is `by`, or of nobody. In its header or body may be one
 * `HOLE`.
 */
export type Ask = {
  readonly method: string
  readonly path: string
  readonly by?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: object
}

/** Stands for what is another text in each request. */
export const HOLE = '{{fill}}'
/**
 * What goes into the hole: a fresh Idempotency-Key, or the refresh token that an earlier answer
 * brought.
 */
export type Fill =
  | { readonly kind: 'key' }
  | { readonly kind: 'token'; readonly pool: readonly string[] }

/** A request as text, in two pieces where it has a hole. */
export type Pieces = readonly [string] | readonly [string, string]

/** Keys are as long as UUIDs: a prefix of the load's own, and a number. */
export const KEY_LENGTH = 36
export const KEY_DIGITS = 12

export const piecesOf = (
  host: string,
  { method, path, by, headers = {}, body }: Ask,
  tokens: readonly string[],
  fill?: Fill,
): Pieces => {
  const lines = [`${method} ${path} HTTP/1.1`, `Host: ${host}`]
  if (by !== undefined) lines.push(`Authorization: Bearer ${tokens[by % tokens.length]}`)
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  const text = body === undefined ? '' : JSON.stringify(body)
  if (body === undefined && method !== 'GET') lines.push('Content-Length: 0')
  if (body !== undefined)
    lines.push('Content-Type: application/json', `Content-Length: ${lengthOf(text, fill)}`)
  return [...lines, '', text].join('\r\n').split(HOLE) as unknown as Pieces
}

const lengthOf = (text: string, fill: Fill | undefined): number => {
  const filling = fill?.kind === 'token' ? (fill.pool[0] as string) : '0'.repeat(KEY_LENGTH)
  return Buffer.byteLength(text.replace(HOLE, filling))
}
