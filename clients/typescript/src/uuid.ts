// UUIDv7 (RFC 9562, 5.7): the ids that clients make.
const COUNTER_BITS = 12n
const COUNTER_START_MASK = 0x7ff

let [lastTime, counter] = [0, 0]

/** An id that is greater than those before it in this process, also where the clock was set back. */
export const uuidv7 = (): string => {
  const random = crypto.getRandomValues(new Uint8Array(10))
  const now = Math.max(Date.now(), lastTime)
  // Its upper half stays free, so that the counter has room (RFC 9562, 6.2, method 1).
  const start = (((random[8] ?? 0) << 8) | (random[9] ?? 0)) & COUNTER_START_MASK
  counter = now === lastTime ? counter + 1 : start
  lastTime = now
  const head = (BigInt(now) << COUNTER_BITS) + BigInt(counter)
  lastTime += counter >> Number(COUNTER_BITS)
  counter &= (1 << Number(COUNTER_BITS)) - 1
  const hex = head.toString(16).padStart(15, '0')
  const variant = (((random[0] ?? 0) & 0x3f) | 0x80).toString(16)
  const rest = Array.from(random.subarray(1, 8), (byte) => byte.toString(16).padStart(2, '0'))
  const tail = `${variant}${rest.join('')}`
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(12)}-${tail.slice(0, 4)}-${tail.slice(4)}`
}
