// Who is sent to next, where more is due than may be sent at a time.

type Endpoint = { readonly id: string; readonly userId: string }
type Most = { readonly all: number; readonly user: number; readonly endpoint: number }

/**
 * How many attempts begin for each endpoint: one for each user, then another one, until as many run
 * as may. `running` has an entry for each attempt that runs.
 */
export const shares = (
  endpoints: readonly Endpoint[],
  running: readonly Endpoint[],
  most: Most,
): (Endpoint & { readonly count: number })[] => {
  const [ofUser, ofEndpoint, given] = [new Map<string, number>(), new Map(), new Map()] as const
  const add = (counts: Map<string, number>, key: string) =>
    counts.set(key, (counts.get(key) ?? 0) + 1)
  for (const { id, userId } of running) {
    add(ofUser, userId)
    add(ofEndpoint, id)
  }
  const order = shuffled(endpoints)
  let free = most.all - running.length
  for (let round = 1; round <= most.user; round++)
    for (const { id, userId } of order) {
      const isFull =
        (ofUser.get(userId) ?? 0) >= round || (ofEndpoint.get(id) ?? 0) >= most.endpoint
      if (free === 0 || isFull) continue
      free--
      for (const [counts, key] of [
        [ofUser, userId],
        [ofEndpoint, id],
        [given, id],
      ] as const)
        add(counts, key)
    }
  return order.flatMap((one) => (given.has(one.id) ? [{ ...one, count: given.get(one.id) }] : []))
}

/** So that none is always the last. */
const shuffled = <T>(all: readonly T[]): T[] => {
  const order = [...all]
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[order[i], order[j]] = [order[j] as T, order[i] as T]
  }
  return order
}
