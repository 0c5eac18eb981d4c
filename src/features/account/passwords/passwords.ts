// Passwords, hashed by scrypt (RFC 7914). WebCrypto has no memory-hard function, hence node:crypto.
import {
  type BinaryLike,
  randomBytes,
  type ScryptOptions,
  scrypt,
  timingSafeEqual,
} from 'node:crypto'
import { base64url } from 'jose'
import { createPasswordQueue, type PasswordQueueKey } from './password-queue.ts'

/** scrypt's parameters: N is 2 to the power of `log2N`. */
type Cost = { readonly log2N: number; readonly r: number; readonly p: number }

/**
 * Hashes and checks passwords, off the event loop. `queueKey` says whose work it is, a command's where
 * it is left out. `hash` and `verify` throw `unavailable` when too much waits.
 */
export type Passwords = {
  /** The password's hash with its parameters: `scrypt$15$8$3$salt$hash`, base64url. */
  hash(password: string, queueKey?: PasswordQueueKey): Promise<string>
  /**
   * Without a stored hash, or with one that cannot be read, this answers false and costs the same
   * as with one.
   */
  verify(
    password: string,
    stored: string | null | undefined,
    queueKey?: PasswordQueueKey,
  ): Promise<boolean>
  /** Was this hash made with other parameters than a new one would be? */
  needsRehash(stored: string): boolean
}

/** What OWASP's password storage cheat sheet asks of scrypt with 32 MiB. */
const LOG2_N = 15
const R = 8
const P = 3
const SALT_BYTES = 16
const HASH_BYTES = 32
/** Each takes 32 MiB for about a tenth of a second of one core. */
const AT_ONCE = 2
/**
 * What a hash counts against the limit of the user whose password it is: as much as so many
 * requests.
 */
export const HASH_POINTS = 10
const COMMAND: PasswordQueueKey = { known: 'command' }

type Options = {
  /** The binary logarithm of scrypt's N; tests take a small one. */
  readonly cost?: number
  /**
   * How many are hashed at a time; `Infinity` where the platform itself does one after the other.
   */
  readonly atOnce?: number
  /** Does the work in place of scrypt; tests take one that they can hold. */
  readonly derive?: Derive
}

export const createPasswords = ({
  cost: log2N = LOG2_N,
  atOnce = AT_ONCE,
  derive = scryptOf,
}: Options = {}): Passwords => {
  const cost: Cost = { log2N, r: R, p: P }
  const take = createPasswordQueue(atOnce)
  const parameters = `scrypt$${cost.log2N}$${cost.r}$${cost.p}$`
  const unknownUser = { cost, salt: randomBytes(SALT_BYTES), hash: randomBytes(HASH_BYTES) }
  return {
    hash: async (password, queueKey = COMMAND) => {
      const salt = randomBytes(SALT_BYTES)
      const hash = await take(queueKey, () => derive(password, salt, cost))
      return `${parameters}${base64url.encode(salt)}$${base64url.encode(hash)}`
    },
    verify: async (password, stored, queueKey = COMMAND) => {
      const known = stored ? parse(stored) : undefined
      const against = known ?? unknownUser
      const hash = await take(queueKey, () => derive(password, against.salt, against.cost))
      return timingSafeEqual(hash, against.hash) && known !== undefined
    },
    needsRehash: (stored) => !stored.startsWith(parameters),
  }
}

const ENCODED = /^scrypt\$(\d{1,2})\$(\d{1,3})\$(\d{1,3})\$([\w-]{22})\$([\w-]{43})$/

const parse = (stored: string) => {
  const [, log2N, r, p, salt, hash] = ENCODED.exec(stored) ?? []
  if (salt === undefined || hash === undefined) return undefined
  return {
    cost: { log2N: Number(log2N), r: Number(r), p: Number(p) },
    salt: base64url.decode(salt),
    hash: base64url.decode(hash),
  }
}

/** Makes HASH_BYTES of a password. */
type Derive = (password: string, salt: BinaryLike, cost: Cost) => Promise<Uint8Array>

/** NFKC, so that a password is the same one from every keyboard (NIST SP 800-63B, 3.1.1.2). */
const scryptOf: Derive = (password, salt, { log2N, r, p }) => {
  const N = 2 ** log2N
  const options: ScryptOptions = { N, r, p, maxmem: 256 * r * (N + p) }
  return new Promise((resolve, reject) =>
    scrypt(password.normalize('NFKC'), salt, HASH_BYTES, options, (error, hash) =>
      error ? reject(error) : resolve(hash),
    ),
  )
}
