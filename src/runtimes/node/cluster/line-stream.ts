import type { Readable } from 'node:stream'

const NEWLINE = 10

/**
 * Passes on whole lines. Without this, lines of several processes would mix: the system does not
 * keep writes of more than 4 KiB to one pipe together.
 */
export const passLines = (from: Readable, write: (part: Buffer) => void): void => {
  const rest: Buffer[] = []
  from.on('data', (chunk: Buffer) => {
    const end = chunk.lastIndexOf(NEWLINE) + 1
    if (end > 0) for (const part of [...rest.splice(0), chunk.subarray(0, end)]) write(part)
    if (end < chunk.length) rest.push(chunk.subarray(end))
  })
  from.on('end', () => {
    if (rest.length > 0) for (const part of [...rest.splice(0), Buffer.from('\n')]) write(part)
  })
}
