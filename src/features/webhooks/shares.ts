// Who is sent to next, where more is due than may be sent at a time.

type Endpoint = {
  readonly id: string
  readonly userId: string
  /** Has nothing arrived there lately? */
  readonly isFailing: boolean
}
/** Attempts at a time: of all users, of one user, to one endpoint, and to endpoints that fail. */
type Most = {
  readonly all: number
  readonly user: number
  readonly endpoint: number
  readonly failing: number
}

/**
 * How many attempts begin for each endpoint: one for each user, then another one, until as many run
 * as may. `running` has an entry for each attempt that runs. Endpoints that fail, which may keep an
 * attempt waiting for its ten seconds, get one at a time, half of what their user may have, and a part
 * of the whole: so those that work are sent to in any case.
 */
export const shares = <E extends Endpoint>(
  endpoints: readonly E[],
  running: readonly Endpoint[],
  most: Most,
): (E & { readonly count: number })[] => {
  const counts = new Map<string, number>()
  const given = new Map<string, number>()
  const of = (key: string): number => counts.get(key) ?? 0
  const add = ({ id, userId, isFailing }: Endpoint): void => {
    const failing = isFailing ? ['failing', `failing ${userId}`] : []
    for (const key of ['all', `user ${userId}`, `endpoint ${id}`, ...failing])
      counts.set(key, of(key) + 1)
  }
  const isFull = ({ id, userId, isFailing }: Endpoint, ofUser: number): boolean =>
    of('all') >= most.all ||
    of(`user ${userId}`) >= ofUser ||
    of(`endpoint ${id}`) >= (isFailing ? 1 : most.endpoint) ||
    (isFailing &&
      (of('failing') >= most.failing || of(`failing ${userId}`) >= Math.ceil(most.user / 2)))
  for (const one of running) add(one)
  const order = shuffled(endpoints)
  for (let ofUser = 1; ofUser <= most.user; ofUser++)
    for (const one of order) {
      if (isFull(one, ofUser)) continue
      add(one)
      given.set(one.id, (given.get(one.id) ?? 0) + 1)
    }
  return order.flatMap((one) => {
    const count = given.get(one.id)
    return count === undefined ? [] : [{ ...one, count }]
  })
}

/** Each has the same chance to be the first. */
const shuffled = <T>(all: readonly T[]): T[] => {
  const order = [...all]
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    ;[order[i], order[j]] = [order[j] as T, order[i] as T]
  }
  return order
}
