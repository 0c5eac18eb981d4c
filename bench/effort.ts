/**
 * How much is measured: all of it, or (`--quick`) so little that it only shows that everything
 * works.
 */
export type Effort = {
  readonly rounds: number
  /** Of each load. */
  readonly seconds: number
  readonly starts: number
  /** Of the long run. */
  readonly requests: number
  /** Open streams of events, ascending; the first is none. */
  readonly streams: readonly number[]
  /** Tasks in the file, and among how many users, ascending. */
  readonly sizes: readonly { readonly tasks: number; readonly users: number }[]
}

const full: Effort = {
  rounds: 5,
  seconds: 3,
  starts: 9,
  requests: 1_000_000,
  streams: [0, 100, 1_000],
  sizes: [
    { tasks: 1_000, users: 1 },
    { tasks: 10_000, users: 10 },
    { tasks: 100_000, users: 1_000 },
    { tasks: 1_000_000, users: 10_000 },
  ],
}

const quick: Effort = {
  rounds: 1,
  seconds: 1,
  starts: 3,
  requests: 40_000,
  streams: [0, 40],
  sizes: [
    { tasks: 1_000, users: 1 },
    { tasks: 10_000, users: 10 },
    { tasks: 40_000, users: 400 },
  ],
}

export const effortOf = (asked: { readonly quick: boolean }): Effort => (asked.quick ? quick : full)
