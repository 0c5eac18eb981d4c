import type { Readable } from 'node:stream'

const NEWLINE = 10

/** Passes on whole lines only: what several processes write into one pipe tears where it is longer than 4 KiB. */
export const passLines = (from: Readable, write: (lines: Buffer) => void): void => {
  let rest: Buffer[] = []
  from.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(NEWLINE) + 1
    if (end > 0) write(Buffer.concat([...rest.splice(0), chunk.subarray(0, end)]))
    if (end < chunk.length) rest.push(chunk.subarray(end))
  })
  from.on('end', () => {
    if (rest.length > 0) write(Buffer.concat([...rest, Buffer.from('\n')]))
    rest = []
  })
}
