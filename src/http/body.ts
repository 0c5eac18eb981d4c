// Reading the body of a request, within bounds of size, memory and time.
import type { Context } from 'hono'
import { DomainError } from '../core/errors.ts'
import type { Reservation } from './body-budget.ts'
import { HttpProblem } from './problem.ts'

const MAX_BODY = 1024 * 1024
/** Reserved for a body that does not say how long it is: as much as a runtime reads ahead. */
const UNDECLARED = 64 * 1024

/**
 * Takes a body chunk by chunk. Throws where the body may not grow any more. Nothing more is read
 * until the promise that it may answer has settled.
 */
export type Sink = (chunk: Uint8Array) => Promise<void> | undefined
/**
 * A runtime's own way to read the body of a request: passes on each chunk, and settles when there
 * are no more. It rejects when the client hangs up, and itself ends bodies that do not arrive.
 */
export type ReceiveBody = (c: Context, sink: Sink) => Promise<void>

export type Reading = {
  /** Bytes that the body may have; 1 MiB unless told. */
  readonly max: number | undefined
  /** Where its memory is counted. The caller releases it. */
  readonly reservation: Reservation
  readonly receive: ReceiveBody | undefined
}

/**
 * The raw body. Throws `too_large`, and `rate_limited` or `unavailable` before it reads what there
 * is no room for; `incomplete_body` where the client hangs up in the middle of it;
 * `request_timeout` where it does not arrive in time.
 */
export const readBody = async (
  c: Context,
  { max = MAX_BODY, reservation, receive = receivePortably }: Reading,
): Promise<Uint8Array> => {
  const length = lengthOf(c.req.header('content-length'))
  if (length !== undefined && length > max) throw tooLarge(max)
  const reserved = length ?? Math.min(UNDECLARED, max)
  reservation.take(reserved)
  const collected = collect({ length, max, reserved, reservation })
  try {
    await receive(c, collected.sink)
  } catch (error) {
    if (error instanceof HttpProblem || error instanceof DomainError) throw error
    throw new HttpProblem('incomplete_body', 'The request ended before its body did.')
  }
  return collected.bytes()
}

const tooLarge = (max: number) =>
  new HttpProblem('too_large', `The body of this request may have ${max} bytes.`)

const lengthOf = (field: string | undefined): number | undefined =>
  field !== undefined && /^\d{1,15}$/.test(field) ? Number(field) : undefined

type Collecting = {
  length: number | undefined
  max: number
  reserved: number
  reservation: Reservation
}

/**
 * Copies chunks into one array: a chunk of one byte takes hundreds of them while it is kept by
 * itself.
 */
const collect = ({ length, max, reserved, reservation }: Collecting) => {
  let bytes = new Uint8Array()
  let size = 0
  let counted = reserved
  const sink: Sink = (chunk) => {
    const end = size + chunk.byteLength
    if (end > max) throw tooLarge(max)
    if (end > counted) {
      reservation.take(end - counted)
      counted = end
    }
    if (size === 0 && end === length) bytes = chunk as Uint8Array<ArrayBuffer>
    else {
      if (end > bytes.byteLength) bytes = grown(bytes, Math.max(length ?? 0, end))
      bytes.set(chunk, size)
    }
    size = end
    return undefined
  }
  return { sink, bytes: () => (size === bytes.byteLength ? bytes : bytes.subarray(0, size)) }
}

/** At least twice as long as before, so that many small chunks are not copied again and again. */
export const grown = (bytes: Uint8Array, least: number): Uint8Array<ArrayBuffer> => {
  const larger = new Uint8Array(Math.max(least, bytes.byteLength * 2))
  larger.set(bytes)
  return larger
}

/** Times in milliseconds: without a byte, and of the whole body. */
const STALLED_MS = 10_000
const LONGEST_MS = 60_000

/** The connection is of no use any more: the rest of the body may still come (RFC 9110, 15.5.9). */
const tooLate = () =>
  new HttpProblem('request_timeout', 'The body of this request does not arrive.', {
    Connection: 'close',
  })

export const receivePortably: ReceiveBody = async ({ req: { raw } }, sink) => {
  const reader = raw.body?.getReader()
  if (!reader) return
  let late = false
  // What is being read then ends, as at the end of the body.
  const end = () => {
    late = true
    reader.cancel().catch(() => {})
  }
  const latest = performance.now() + LONGEST_MS
  let timer = setTimeout(end, STALLED_MS)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      clearTimeout(timer)
      if (late) break
      if (done) return
      const wait = sink(value)
      if (wait) await wait
      timer = setTimeout(end, Math.min(STALLED_MS, latest - performance.now()))
    }
    throw tooLate()
  } catch (error) {
    clearTimeout(timer)
    if (late) throw tooLate() // on Workers a read that is cancelled fails
    reader.cancel().catch(() => {})
    throw error
  }
}
