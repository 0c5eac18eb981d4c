// What a request costs in bytes and promises, counted: a change that makes requests dearer fails
// here, on any machine.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Costs } from '../support/costs.ts'
import { expectNoDearer } from '../support/recorded-costs.ts'

/**
 * Of an answer, Request and Response included. Where a request becomes dearer on purpose, its new
 * numbers are written here.
 */
const RECORDED: Costs = {
  health: { bytes: 12_200, promises: 3 },
  // Each task has eleven fields more than at first, from its deadline to its recurrence.
  getTask: { bytes: 24_600, promises: 11 },
  listTasks: { bytes: 174_900, promises: 17 },
  // What changes something records an event: about 7,500 bytes.
  createTask: { bytes: 62_700, promises: 31 },
  // Patches of one task that follow each other within a millisecond: each has its own `updated_at`.
  updateTask: { bytes: 64_800, promises: 35 },
}
/** Versions of Node differ in what their own objects take. */
const TOLERANCE = 1.1

const FLAGS = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128', '--no-opt']

const run = async (flags: readonly string[], program: string): Promise<unknown> => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    join(import.meta.dirname, '../support', program),
  ])
  return JSON.parse(stdout)
}

test('a request allocates no more, and makes no more promises, than is recorded here', async () => {
  const costs = (await run(FLAGS, 'costs.ts')) as Costs
  const counted = Object.entries(costs).map(([name, { bytes, promises }]) => [
    name,
    { bytes: Math.round(bytes), promises: Number(promises.toFixed(1)) },
  ])
  expectNoDearer(Object.fromEntries(counted), RECORDED, { bytes: TOLERANCE })
})

/**
 * About a hundred; thousands where something that has grown old leads to every request, as the
 * tables of a Map or a Set do.
 */
const MOST_KEPT = 600

/**
 * Marking in steps keeps what dies meanwhile, and a machine that is busy marks for seconds: it would
 * count as grown old.
 */
const SMALL_YOUNG_GENERATION = [
  '--expose-gc',
  '--min-semi-space-size=1',
  '--max-semi-space-size=1',
  '--no-incremental-marking',
]

test('of what a request over a connection takes, next to nothing grows old', async () => {
  const { bytes } = (await run(SMALL_YOUNG_GENERATION, 'survivors.ts')) as { bytes: number }
  expect(bytes).toBeGreaterThan(0)
  expect(bytes).toBeLessThan(MOST_KEPT)
})
