// Which of a caller's reads run on the event loop: those that have been short of late.
import { afterAll, expect, test } from 'vitest'
import { type Ctx, onBehalfOf } from '../../src/core/context.ts'
import { provenShort } from '../../src/core/proven-short.ts'
import { createWorld } from '../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())
const contextOf = async (name: string): Promise<Ctx> =>
  onBehalfOf({ ...world.deps, quotas: world.deps.config.quotas }, (await world.register(name)).id)
const ann = await contextOf('Ann')
const bob = await contextOf('Bob')

/** Reads `count` times, each for so many milliseconds; returns how many ran on the event loop. */
const readFor = (ctx: Ctx, name: string, count: number, ms: number): number => {
  let short = 0
  for (let i = 0; i < count; i++) {
    const read = provenShort(ctx, name)
    if (read.short) short++
    read.took(ms)
  }
  return short
}

test('eight short reads of a caller prove that the next one is short, of that name and caller', () => {
  expect(readFor(ann, 'by due', 8, 2)).toBe(0)
  expect(provenShort(ann, 'by due').short).toBe(true)
  expect(provenShort(ann, 'by title').short).toBe(false)
  expect(provenShort(bob, 'by due').short).toBe(false)
})

test('a slow moment is forgiven to a query that has been short for long, and to no other', () => {
  readFor(ann, 'for long', 1_000, 0.5)
  expect(readFor(ann, 'for long', 2, 3)).toBe(2)
  expect(provenShort(ann, 'for long').short).toBe(true)
  readFor(ann, 'just now', 8, 0.5)
  expect(readFor(ann, 'just now', 1, 3)).toBe(1)
  expect(provenShort(ann, 'just now').short).toBe(false)
})

test('a query that has become long has to be short forty times before it is trusted again', () => {
  readFor(ann, 'long now', 1_000, 0.5)
  expect(readFor(ann, 'long now', 3, 100)).toBe(1)
  expect(readFor(ann, 'long now', 40, 0.5)).toBe(0)
  expect(provenShort(ann, 'long now').short).toBe(true)
})

test.for([2.1, 5, 8, 50])(
  'among short reads, no more than one of nine delays others for %d ms',
  (long) => {
    const READS = 20_000
    const delaysOf = (every: number) => {
      let delays = 0
      for (let i = 0; i < READS; i++) {
        const read = provenShort(ann, `each ${every}th ${long}`)
        const ms = i % every === 0 ? long : 2
        if (read.short && ms === long) delays++
        read.took(ms)
      }
      return delays
    }
    for (const every of [1, 2, 5, 8, 9, 10])
      expect(delaysOf(every), `each ${every}th read is long`).toBeLessThanOrEqual(READS / 9)
    expect(delaysOf(100)).toBeGreaterThan(0)
  },
)
