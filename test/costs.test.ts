// What a request costs in bytes and promises, counted: a change that makes requests dearer shows
// here, on any machine.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Costs } from './support/costs.ts'

/**
 * Of an answer, Request and Response included. Who changes a number on purpose writes the new one
 * here.
 */
const expected: Costs = {
  health: { bytes: 12_200, promises: 3 },
  getTask: { bytes: 21_600, promises: 11 },
  listTasks: { bytes: 149_800, promises: 17 },
  createTask: { bytes: 49_100, promises: 31 },
  updateTask: { bytes: 45_900, promises: 37 },
}
/** Versions of Node differ in what their own objects take. */
const TOLERANCE = 1.1

const FLAGS = ['--expose-gc', '--min-semi-space-size=128', '--max-semi-space-size=128', '--no-opt']

const run = async (flags: readonly string[], program: string): Promise<unknown> => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...flags,
    join(import.meta.dirname, 'support', program),
  ])
  return JSON.parse(stdout)
}

test('a request allocates as much, and makes as many promises, as is written here', async () => {
  const costs = (await run(FLAGS, 'costs.ts')) as Costs
  expect(Object.keys(costs)).toEqual(Object.keys(expected))
  for (const [name, { bytes, promises }] of Object.entries(expected)) {
    expect(costs[name]?.promises, `promises of ${name}`).toBeCloseTo(promises, 1)
    expect(costs[name]?.bytes, `bytes of ${name}`).toBeLessThan(bytes * TOLERANCE)
    expect(costs[name]?.bytes, `bytes of ${name}: write the lower number here`).toBeGreaterThan(
      bytes / TOLERANCE,
    )
  }
})

/**
 * About a hundred; thousands where something that has grown old leads to every request, as the
 * tables of a Map or a Set do.
 */
const MOST_KEPT = 600

test('of what a request over a connection takes, next to nothing grows old', async () => {
  const { bytes } = (await run(
    ['--expose-gc', '--min-semi-space-size=1', '--max-semi-space-size=1'],
    'survivors.ts',
  )) as { bytes: number }
  expect(bytes).toBeGreaterThan(0)
  expect(bytes).toBeLessThan(MOST_KEPT)
})
