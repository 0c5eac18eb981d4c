/** Work that waits for its turn. Each key (a user, a network) has a queue. The keys share the time. */
export type FairQueue = {
  /**
   * Runs `work` when it is the turn of `key`. `costOf` is called afterwards and returns what the
   * work cost, in a unit that all users of the queue share. Without it each work costs 1. Throws
   * what `work` throws, and what `full` returns when too much waits.
   */
  run<T>(key: string, work: () => Promise<T>, costOf?: () => number): Promise<T>
  /** How many pieces of work wait and run now. */
  count(): { readonly waiting: number; readonly running: number }
}

export type FairQueueLimits = {
  /** Pieces of work that run at a time, of all keys together. */
  readonly concurrent: number
  /** Pieces of work of one key that run at a time. */
  readonly concurrentPerKey: number
  /** Pieces of work of one key that may wait. More are refused with the error of `full`. */
  readonly waitingPerKey: number
  /** The same for all keys together. */
  readonly waiting?: number
  /** Milliseconds that a piece of work may wait. Then it is refused with the error of `full`. */
  readonly patience?: number
  readonly full: () => Error
}

type Waiting = { readonly start: () => void; readonly arrivedAt: number }

type Account = {
  /** The virtual time at which all work of the key that has begun is paid for. */
  finish: number
  /** What the last piece of work cost. The next one is taken to cost as much. */
  cost: number
  running: number
  readonly waiting: Waiting[]
}

type State = {
  readonly limits: FairQueueLimits
  readonly accounts: Map<string, Account>
  /** Virtual time: the start of the work that began last. */
  now: number
  running: number
  waiting: number
}

const oneEach = () => 1

/**
 * Start-time fair queueing (Goyal, Vin and Cheng, 1996). Each piece of work gets a virtual start: the
 * time of its arrival, or the time at which the earlier work of its key is paid for, whichever is
 * later. The earliest start goes first. So keys that always have work get the same time each, however
 * long their queues are, and a key that has work now and then is next.
 */
export const createFairQueue = (limits: FairQueueLimits): FairQueue => {
  const state: State = { limits, accounts: new Map(), now: 0, running: 0, waiting: 0 }
  return {
    run: async (key, work, costOf = oneEach) => {
      const account = accountOf(state, key)
      await turn(state, account)
      const expected = account.cost
      try {
        return await work()
      } finally {
        end(state, account, { expected, cost: costOf() })
      }
    },
    count: () => ({ waiting: state.waiting, running: state.running }),
  }
}

const accountOf = ({ accounts, now }: State, key: string): Account => {
  let account = accounts.get(key)
  if (account === undefined) {
    account = { finish: now, cost: 1, running: 0, waiting: [] }
    accounts.set(key, account)
  }
  return account
}

/** Resolves when the work may begin. Undefined if it may begin at once. Throws if too much waits. */
const turn = (state: State, account: Account): Promise<void> | undefined => {
  const { concurrent, concurrentPerKey, waitingPerKey, full } = state.limits
  const { waiting: mostWaiting = Number.POSITIVE_INFINITY } = state.limits
  const hasPlace = state.running < concurrent && account.running < concurrentPerKey
  if (account.waiting.length === 0 && hasPlace) return void begin(state, account, state.now)
  if (account.waiting.length >= waitingPerKey || state.waiting >= mostWaiting) throw full()
  return wait(state, account)
}

const wait = (state: State, account: Account): Promise<void> => {
  const { patience, full } = state.limits
  state.waiting++
  return new Promise((resolve, reject) => {
    const timer = patience === undefined ? undefined : setTimeout(() => leave(), patience)
    const start = () => {
      clearTimeout(timer)
      resolve()
    }
    const own: Waiting = { start, arrivedAt: state.now }
    const leave = () => {
      account.waiting.splice(account.waiting.indexOf(own), 1)
      state.waiting--
      reject(full())
    }
    account.waiting.push(own)
  })
}

const begin = (state: State, account: Account, arrivedAt: number): void => {
  state.now = Math.max(state.now, arrivedAt, account.finish)
  state.running++
  account.running++
  account.finish = state.now + account.cost
}

type Costs = { readonly expected: number; readonly cost: number }

const end = (state: State, account: Account, { expected, cost }: Costs): void => {
  state.running--
  account.running--
  account.finish += cost - expected
  account.cost = cost
  startWaiting(state)
  forgetIdle(state)
}

const startWaiting = (state: State): void => {
  while (state.running < state.limits.concurrent && state.waiting > 0) {
    const next = earliest(state)
    const first = next?.waiting.shift()
    if (!next || !first) return
    state.waiting--
    begin(state, next, first.arrivedAt)
    first.start()
  }
}

/** The account whose first waiting work has the earliest virtual start. */
const earliest = ({ accounts, limits }: State): Account | undefined => {
  let next: Account | undefined
  let earliestStart = Number.POSITIVE_INFINITY
  for (const account of accounts.values()) {
    const [first] = account.waiting
    if (first === undefined || account.running >= limits.concurrentPerKey) continue
    const start = Math.max(account.finish, first.arrivedAt)
    if (start >= earliestStart) continue
    next = account
    earliestStart = start
  }
  return next
}

/** Deletes the accounts that no longer differ from a new one. */
const forgetIdle = ({ accounts, now, running }: State): void => {
  const isIdle = (account: Account) =>
    account.finish <= now && account.running === 0 && account.waiting.length === 0
  if (running === 0) accounts.clear()
  else for (const [key, account] of accounts) if (isIdle(account)) accounts.delete(key)
}
