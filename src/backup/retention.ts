import type { Copy } from './manifest.ts'

const LAST = 10
const HOUR = 3_600_000
const DAY = 24 * HOUR

/**
 * The copies to keep of these (the newest last): the last ten, the last of each hour for a day, the
 * last of each day for a week.
 */
export const retained = (copies: readonly Copy[], now: number): Copy[] => {
  const kept = new Set(copies.slice(-LAST))
  for (const [step, reach] of [
    [HOUR, DAY],
    [DAY, 7 * DAY],
  ] as const) {
    const lastOf = new Map<number, Copy>()
    for (const copy of copies) {
      const at = Date.parse(copy.created_at)
      if (now - at <= reach) lastOf.set(Math.floor(at / step), copy)
    }
    for (const copy of lastOf.values()) kept.add(copy)
  }
  return copies.filter((copy) => kept.has(copy))
}
