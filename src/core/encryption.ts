// Encrypts what the database should not hold in the clear: AES-256-GCM under a key that HKDF makes
// of a secret.
import { base64url } from 'jose'
import { own } from './secrets.ts'

/**
 * `open` answers undefined for what was sealed under another secret, for another `name`, or was
 * tampered with.
 */
export type Sealer = {
  seal(name: string, text: string): Promise<string>
  open(name: string, stored: string): Promise<string | undefined>
}

const PREFIX = 'enc:'
const IV_BYTES = 12
const encoder = new TextEncoder()

export const isSealed = (stored: string): boolean => stored.startsWith(PREFIX)

const plain: Sealer = {
  seal: async (_name, text) => text,
  open: async (_name, stored) => (isSealed(stored) ? undefined : stored),
}

/**
 * Sealed text is `enc:` and base64url of IV and ciphertext, bound to its purpose and name. Without
 * a secret, text stays as it is.
 */
export const createSealer = async (
  secret: string | undefined,
  purpose: string,
): Promise<Sealer> => {
  if (secret === undefined) return plain
  const material = await crypto.subtle.importKey('raw', encoder.encode(secret), 'HKDF', false, [
    'deriveKey',
  ])
  const derivation = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(),
    info: encoder.encode(purpose),
  }
  const key = await crypto.subtle.deriveKey(
    derivation,
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  )
  const cipher = (name: string, iv: Uint8Array<ArrayBuffer>) => ({
    name: 'AES-GCM',
    iv,
    additionalData: encoder.encode(name),
  })
  return {
    seal: async (name, text) => {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const sealed = new Uint8Array(
        await crypto.subtle.encrypt(cipher(name, iv), key, encoder.encode(text)),
      )
      return PREFIX + base64url.encode(new Uint8Array([...iv, ...sealed]))
    },
    open: async (name, stored) => {
      if (!isSealed(stored)) return stored
      try {
        const bytes = own(base64url.decode(stored.slice(PREFIX.length)))
        const text = await crypto.subtle.decrypt(
          cipher(name, bytes.slice(0, IV_BYTES)),
          key,
          bytes.slice(IV_BYTES),
        )
        return new TextDecoder().decode(text)
      } catch {
        return undefined
      }
    },
  }
}
