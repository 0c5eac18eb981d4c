// The form of refresh tokens. They look random, but the service knows its own again, also one of
// which no row is left.
import { base64url } from 'jose'
import { FIRST_ID, LAST_ID } from '../../../core/ids.ts'
import { hmac } from '../../../core/secrets.ts'

const TOKEN = /^tpr_[\w-]{43}$/
export const looksLikeRefreshToken = (token: string): boolean => TOKEN.test(token)

/** The beginning of the session's id, a secret, and the beginning of a MAC: 32 bytes in all. */
const [HINT, SECRET, MAC] = [8, 16, 8]

/**
 * What the tokens of one session are made with: `salt` is random, stored, and the same for all of
 * them.
 */
type Family = { readonly sessionId: string; readonly salt: string }

const macOf = async ({ salt }: Family, text: string, length: number): Promise<Uint8Array> =>
  base64url.decode(await hmac(salt, text)).slice(0, length)

const tokenOf = async (family: Family, secret: Uint8Array): Promise<string> => {
  const { sessionId } = family
  const hint =
    sessionId
      .replaceAll('-', '')
      .slice(0, 2 * HINT)
      .match(/../g)
      ?.map((byte) => Number.parseInt(byte, 16)) ?? []
  const mac = await macOf(family, `${sessionId} ${base64url.encode(secret)}`, MAC)
  return `tpr_${base64url.encode(new Uint8Array([...hint, ...secret, ...mac]))}`
}

/** The first token of a session. */
export const firstToken = (family: Family): Promise<string> =>
  tokenOf(family, crypto.getRandomValues(new Uint8Array(SECRET)))

/** The token that follows this one: always the same. */
export const successorOf = async (family: Family, token: string): Promise<string> =>
  tokenOf(family, await macOf(family, token, SECRET))

/** The ids, from the least to the greatest, of the sessions that a token can be of. */
export const sessionsOf = (token: string): { readonly from: string; readonly to: string } => {
  const digits = Array.from(base64url.decode(token.slice(4)).slice(0, HINT), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
  const hint = `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${digits.slice(12)}`
  return { from: hint + FIRST_ID.slice(hint.length), to: hint + LAST_ID.slice(hint.length) }
}

/**
 * The token of this session that has the same secret: `token` itself, if it was made by the service
 * for this session.
 */
export const genuineOf = (family: Family, token: string): Promise<string> =>
  tokenOf(family, base64url.decode(token.slice(4)).slice(HINT, HINT + SECRET))
