// The files that a worker runs share its globals: timers that one of them left under control would stop
// those behind it, far from the cause.
import timers from 'node:timers'
import { afterAll, expect, vi } from 'vitest'

afterAll(() => {
  expect(vi.isFakeTimers(), 'this file left the timers under its control').toBe(false)
  for (const name of ['setTimeout', 'setInterval', 'setImmediate'] as const)
    expect(globalThis[name], `this file left another ${name} behind`).toBe(timers[name])
})
