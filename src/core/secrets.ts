// Random secrets and what is stored in place of them.
import { base64url } from 'jose'

const encoder = new TextEncoder()

/** `bytes` random bytes (256 bits unless told) as base64url. */
export const randomText = (bytes = 32): string =>
  base64url.encode(crypto.getRandomValues(new Uint8Array(bytes)))

const digest = async (data: string | Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(
    await crypto.subtle.digest(
      'SHA-256',
      typeof data === 'string' ? encoder.encode(data) : own(data),
    ),
  )

/**
 * SHA-256 of text (as UTF-8) or bytes, hexadecimal: how a secret of 256 random bits is stored and
 * found again.
 */
export const sha256 = async (data: string | Uint8Array): Promise<string> =>
  Array.from(await digest(data), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** The S256 challenge of a verifier (RFC 7636, 4.2). */
export const s256 = async (verifier: string): Promise<string> =>
  base64url.encode(await digest(verifier))

/**
 * The first six base64url characters of the text's SHA-256: tells a mistyped or shortened key from
 * a real one.
 */
export const checksum = async (text: string): Promise<string> =>
  base64url.encode(await digest(text)).slice(0, 6)

const hmacKey = (key: string, use: 'sign' | 'verify') =>
  crypto.subtle.importKey(
    'raw',
    own(base64url.decode(key)),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    [use],
  )

/** HMAC-SHA-256 of the text under `key` (base64url), as base64url. */
export const hmac = async (key: string, text: string): Promise<string> =>
  base64url.encode(
    new Uint8Array(
      await crypto.subtle.sign('HMAC', await hmacKey(key, 'sign'), encoder.encode(text)),
    ),
  )

/**
 * Is `mac` (base64url) the HMAC-SHA-256 of the text under `key`? Takes as long wherever they
 * differ.
 */
export const isHmac = async (key: string, text: string, mac: string): Promise<boolean> =>
  crypto.subtle.verify(
    'HMAC',
    await hmacKey(key, 'verify'),
    own(base64url.decode(mac)),
    encoder.encode(text),
  )

/** The same bytes in a buffer of their own, which is what WebCrypto's types ask for. */
export const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)
