// What signs deliveries (Standard Webhooks 1.0.0), and how it is stored.
import { Webhook as Signer } from 'standardwebhooks'
import type { Sealer } from '../../core/encryption.ts'
import type { Instant } from '../../db/instant.ts'

const PREFIX = 'whsec_'
const BYTES = 32

/** `whsec_` and 256 random bits in base64. */
export const newSecret = (): string =>
  PREFIX + btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(BYTES))))

/** Both secrets of an endpoint, as they are stored. */
export type StoredSecrets = {
  readonly secret: string
  /** The one before, which signs besides until then. */
  readonly previousSecret: string | null
  readonly previousUntil: Instant | null
}

/** How long the secret before signs besides. */
export const ROTATION_MS = 24 * 60 * 60 * 1000

/**
 * The secrets that sign at `at`, the present one first. Undefined where it cannot be read: it was
 * sealed under another AUTH_SECRET.
 */
export const openSecrets = async (
  sealer: Sealer,
  id: string,
  { secret, previousSecret, previousUntil }: StoredSecrets,
  at: Instant,
): Promise<readonly string[] | undefined> => {
  const present = await sealer.open(id, secret)
  if (present === undefined) return undefined
  const isOld = previousSecret !== null && previousUntil !== null && previousUntil > at
  const previous = isOld ? await sealer.open(id, previousSecret) : undefined
  return previous === undefined ? [present] : [present, previous]
}

/** What is sent under a message id, at this time (in milliseconds). */
export type Message = { readonly id: string; readonly at: number; readonly body: string }

/** The headers of a delivery: a signature by each secret. */
export const signedHeaders = (
  secrets: readonly string[],
  { id, at, body }: Message,
): Record<string, string> => ({
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(at / 1000)),
  'webhook-signature': secrets
    .map((secret) => new Signer(secret).sign(id, new Date(at), body))
    .join(' '),
})
