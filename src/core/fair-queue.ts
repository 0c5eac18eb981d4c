/**
 * Work that waits for its turn: one queue a key (a user, a network), and the keys share the time.
 */
export type FairQueue = {
  /**
   * Runs `work` when it is the turn of `key`. `costOf` tells afterwards what it cost, in any unit
   * that all who use the queue share; 1 without it. Throws what `work` throws, and what `full`
   * makes where too much waits.
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
  /**
   * Pieces of work of one key that wait at most; more are refused with the error that `full` makes.
   */
  readonly waitingPerKey: number
  /** The same for all keys together. */
  readonly waiting?: number
  /** Milliseconds that a piece of work waits at most; then it is refused in the same way. */
  readonly patience?: number
  readonly full: () => Error
}

type Waiting = { readonly start: () => void; readonly arrivedAt: number }
/**
 * `finish`: the virtual time at which all work of the key that has begun is paid for. `cost`: of
 * its last piece.
 */
type Account = { finish: number; cost: number; running: number; readonly waiting: Waiting[] }

const oneEach = () => 1

/**
 * Start-time fair queueing (Goyal, Vin and Cheng, 1996): each piece of work gets a virtual start,
 * which is the time of its arrival or the end of what its key has had, whichever is later, and the
 * earliest start goes first. So keys that always have work get the same time each, however long
 * their queues are, and a key that comes now and then is next.
 */
export const createFairQueue = (limits: FairQueueLimits): FairQueue => {
  const {
    concurrent,
    concurrentPerKey,
    waitingPerKey,
    waiting: mostWaiting = Number.POSITIVE_INFINITY,
    patience,
    full,
  } = limits
  const accounts = new Map<string, Account>()
  /** Virtual time: the start of what began last. */
  let now = 0
  let running = 0
  let waits = 0

  const begin = (account: Account, arrivedAt: number): void => {
    now = Math.max(now, arrivedAt, account.finish)
    running++
    account.running++
    account.finish = now + account.cost
  }

  const startNext = (): void => {
    while (running < concurrent && waits > 0) {
      let next: Account | undefined
      let earliest = Number.POSITIVE_INFINITY
      for (const account of accounts.values()) {
        const [first] = account.waiting
        if (first === undefined || account.running >= concurrentPerKey) continue
        const start = Math.max(account.finish, first.arrivedAt)
        if (start < earliest) [next, earliest] = [account, start]
      }
      const first = next?.waiting.shift()
      if (!next || !first) return
      waits--
      begin(next, first.arrivedAt)
      first.start()
    }
  }

  const accountOf = (key: string): Account => {
    let account = accounts.get(key)
    if (account === undefined) {
      account = { finish: now, cost: 1, running: 0, waiting: [] }
      accounts.set(key, account)
    }
    return account
  }

  const turn = (account: Account): Promise<void> | undefined => {
    if (account.waiting.length === 0 && running < concurrent && account.running < concurrentPerKey)
      return void begin(account, now)
    if (account.waiting.length >= waitingPerKey || waits >= mostWaiting) throw full()
    waits++
    return new Promise((resolve, reject) => {
      const timer = patience === undefined ? undefined : setTimeout(() => leave(), patience)
      const start = () => {
        clearTimeout(timer)
        resolve()
      }
      const own: Waiting = { start, arrivedAt: now }
      const leave = () => {
        account.waiting.splice(account.waiting.indexOf(own), 1)
        waits--
        reject(full())
      }
      account.waiting.push(own)
    })
  }

  /** `supposed` is what it was taken for when it began. */
  const end = (account: Account, supposed: number, cost: number): void => {
    running--
    account.running--
    account.finish += cost - supposed
    account.cost = cost
    startNext()
    if (running === 0) accounts.clear()
    else
      for (const [key, { finish, running, waiting }] of accounts)
        if (finish <= now && running === 0 && waiting.length === 0) accounts.delete(key)
  }

  return {
    run: async (key, work, costOf = oneEach) => {
      const account = accountOf(key)
      await turn(account)
      const supposed = account.cost
      try {
        return await work()
      } finally {
        end(account, supposed, costOf())
      }
    },
    count: () => ({ waiting: waits, running }),
  }
}
