// Copies are encrypted in chunks, each sealed by AES-256-GCM under a nonce that holds its number
// and whether it is the last (the STREAM construction): chunks cannot be left out, swapped or cut
// off at the end without notice, and none has to wait for another. The key is made by HKDF of the
// secret and a random salt for each copy, so that nonces may start at 0.

const MAGIC = new TextEncoder().encode('TASKPORT')
const SALT_BYTES = 16
const HEADER_BYTES = MAGIC.length + SALT_BYTES
const CHUNK = 1 << 16
const TAG_BYTES = 16
const NONCE_BYTES = 12

type Bytes = Uint8Array<ArrayBuffer>
type Source = AsyncIterable<Uint8Array>

/** What was encrypted cannot be read: with this secret, or at all. */
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

/** Throws Undecipherable at the first chunk that is not what was encrypted with this secret. */
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
            ? 'BACKUP_ENCRYPTION_KEY is not the key of this copy'
            : 'the copy is damaged',
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
    throw new Undecipherable('this is not an encrypted copy')
  async function* rest() {
    yield start.slice(HEADER_BYTES)
    yield* { [Symbol.asyncIterator]: () => parts }
  }
  return { header: start.slice(0, HEADER_BYTES), rest: rest() }
}

/** The source in chunks of this size; the last one may be shorter, and there is always one. */
async function* chunksOf(
  source: Source,
  size: number,
): AsyncGenerator<{ bytes: Bytes; nonce: Bytes }> {
  let [parts, length, number]: [Uint8Array[], number, number] = [[], 0, 0]
  for await (const part of source) {
    parts.push(part)
    length += part.length
    // A whole chunk is held back until it is known whether more follows.
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
