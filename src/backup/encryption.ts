// Backups are encrypted in chunks by AES-256-GCM (the STREAM construction). The nonce of a chunk holds
// its number and whether it is the last. So decryption fails when chunks were left out, swapped or
// cut off, and a chunk can be decrypted before the next one has arrived. HKDF derives a key from the
// secret and a random salt for each backup, so that the numbers may start at 0.

const MAGIC = new TextEncoder().encode('TASKPORT')
const SALT_BYTES = 16
const HEADER_BYTES = MAGIC.length + SALT_BYTES
const CHUNK = 1 << 16
const TAG_BYTES = 16
const NONCE_BYTES = 12

type Bytes = Uint8Array<ArrayBuffer>
type Source = AsyncIterable<Uint8Array>

/** A backup cannot be decrypted with this secret, or is damaged. */
class Undecipherable extends Error {}

export const encrypt = (secret: string) =>
  async function* (source: Source): AsyncGenerator<Bytes> {
    const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES))
    const header = joined([MAGIC, salt])
    const key = await keyOf(secret, salt)
    yield header
    for await (const { bytes, nonce } of chunksOf(source, CHUNK))
      yield new Uint8Array(
        await crypto.subtle.encrypt(
          { name: 'AES-GCM', iv: nonce, additionalData: header },
          key,
          bytes,
        ),
      )
  }

/** Throws Undecipherable at the first chunk that was not encrypted with this secret. */
export const decrypt = (secret: string) =>
  async function* (source: Source): AsyncGenerator<Bytes> {
    const { header, rest } = await headerOf(source)
    const key = await keyOf(secret, header.slice(MAGIC.length))
    let number = 0
    for await (const { bytes, nonce } of chunksOf(rest, CHUNK + TAG_BYTES)) {
      try {
        yield new Uint8Array(
          await crypto.subtle.decrypt(
            { name: 'AES-GCM', iv: nonce, additionalData: header },
            key,
            bytes,
          ),
        )
      } catch {
        throw new Undecipherable(
          number === 0
            ? 'BACKUP_ENCRYPTION_KEY is not the key of this backup'
            : 'the backup is damaged',
        )
      }
      number++
    }
  }

const keyOf = async (
  secret: string,
  salt: Bytes,
): Promise<Awaited<ReturnType<typeof crypto.subtle.importKey>>> => {
  const material = await crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(secret),
    'HKDF',
    false,
    ['deriveKey'],
  )
  const derivation = {
    name: 'HKDF',
    hash: 'SHA-256',
    salt,
    info: new TextEncoder().encode('taskport copy'),
  }
  return crypto.subtle.deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ])
}

const headerOf = async (source: Source): Promise<{ header: Bytes; rest: Source }> => {
  const parts = source[Symbol.asyncIterator]()
  let start: Bytes = new Uint8Array()
  while (start.length < HEADER_BYTES) {
    const { value, done } = await parts.next()
    if (done) break
    start = joined([start, value])
  }
  if (start.length < HEADER_BYTES || MAGIC.some((byte, i) => start[i] !== byte))
    throw new Undecipherable('this is not an encrypted backup')
  async function* rest() {
    yield start.slice(HEADER_BYTES)
    yield* { [Symbol.asyncIterator]: () => parts }
  }
  return { header: start.slice(0, HEADER_BYTES), rest: rest() }
}

/** Cuts the source into chunks of this size. The last may be shorter. There is at least one. */
async function* chunksOf(
  source: Source,
  size: number,
): AsyncGenerator<{ bytes: Bytes; nonce: Bytes }> {
  let [parts, length, number]: [Uint8Array[], number, number] = [[], 0, 0]
  for await (const part of source) {
    parts.push(part)
    length += part.length
    // Keep a full chunk until more follows: only the last chunk has `last` in its nonce.
    while (length > size) {
      const all = joined(parts)
      yield { bytes: all.slice(0, size), nonce: nonceOf(number++, false) }
      parts = [all.subarray(size)]
      length -= size
    }
  }
  yield { bytes: joined(parts), nonce: nonceOf(number, true) }
}

const nonceOf = (number: number, last: boolean): Bytes => {
  const nonce = new Uint8Array(NONCE_BYTES)
  const view = new DataView(nonce.buffer)
  view.setUint32(NONCE_BYTES - 5, number)
  nonce[NONCE_BYTES - 1] = last ? 1 : 0
  return nonce
}

const joined = (parts: readonly Uint8Array[]): Bytes => {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
