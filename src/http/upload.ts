// A file in the body of a request: the body itself, or the first file of a form.

import { DomainError, invalid } from '../core/errors.ts'
import type { Operation, Upload } from '../core/operation.ts'
import { authenticateAgain } from './authentication.ts'
import { receivePortably, type Sink } from './body.ts'
import { charge, type Exchange, networksOf, userOf } from './exchange.ts'
import { boundaryOf, fileIn } from './multipart.ts'
import { HttpProblem } from './problem.ts'
import { expectNoCoding } from './request.ts'

/**
 * Memory of an upload, however large it is: what waits to be stored, and what the runtime has read
 * ahead.
 */
const IN_MEMORY = 1024 * 1024
/** Bytes that count as much as a request. */
const BYTES_PER_POINT = 64 * 1024

const MULTIPART = 'multipart/form-data'
const typeOf = (header: string): string => header.split(';')[0]?.trim().toLowerCase() ?? ''

/**
 * Nothing of it is read until the operation asks. Throws `unsupported_media_type` and `too_large` at
 * once where the headers tell.
 */
export const uploadOf = (
  { max, media }: NonNullable<Operation['upload']>,
  exchange: Exchange,
): Upload => {
  const { c, deps } = exchange
  const types = Object.keys(media)
  const header = c.req.header('content-type') ?? ''
  const type = typeOf(header)
  if (type !== '' && type !== MULTIPART && !types.includes(type))
    throw new HttpProblem(
      'unsupported_media_type',
      `Send a file as ${[...types, MULTIPART].join(', ')}.`,
      {
        Accept: [...types, MULTIPART].join(', '),
      },
    )
  const coding = c.req.header('content-encoding')
  if (coding) expectNoCoding('Content-Encoding', coding)
  const boundary = type === MULTIPART ? boundaryOf(header) : undefined
  if (type === MULTIPART && boundary === undefined)
    throw invalid({
      at: ['Content-Type'],
      header: true,
      code: 'malformed',
      detail: 'A form needs a boundary.',
    })
  const tooLarge = () => new HttpProblem('too_large', `The file may have ${max} bytes.`)
  const length = Number(c.req.header('content-length') ?? 0)
  if (length > max) throw tooLarge()
  const upload: { name: string | undefined } & Upload = {
    name: undefined,
    receive: async (sink) => {
      exchange.reservation = deps.bodies.open({
        address: networksOf(exchange)[0],
        user: userOf(exchange),
      })
      exchange.reservation.take(Math.min(IN_MEMORY, length || IN_MEMORY))
      let bytes = 0
      const bounded: Sink = (chunk) => {
        bytes += chunk.byteLength
        if (bytes > max) throw tooLarge()
        return sink(chunk)
      }
      const form =
        boundary === undefined
          ? undefined
          : fileIn(boundary, {
              pass: bounded,
              named: (name) => {
                upload.name = name
              },
            })
      try {
        await (deps.receiveBody ?? receivePortably)(c, form?.sink ?? bounded)
      } catch (error) {
        if (error instanceof HttpProblem || error instanceof DomainError) throw error
        throw new HttpProblem('incomplete_body', 'The request ended before its body did.')
      }
      form?.end()
      await authenticateAgain(exchange)
      charge(exchange, Math.floor(bytes / BYTES_PER_POINT))
    },
  }
  return upload
}
