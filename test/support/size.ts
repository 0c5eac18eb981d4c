// How much a run does. `.ci/run` sets SIZE=small: each scenario once, ended by what happens and
// never by a clock, and it says nothing about the speed of the machine. `npm run test:full` sets
// SIZE=full: seeds are drawn. Bounds on time hold wherever SIZE is not small.
import { setTimeout as sleep } from 'node:timers/promises'

export const isSmall = process.env['SIZE'] === 'small'
const isFull = process.env['SIZE'] === 'full'

/** A service that a test starts has a minute to end in a small run: the machine may be busy. */
export const patience: Readonly<Record<string, string>> = isSmall ? { SHUTDOWN_SECONDS: '60' } : {}

/**
 * A number of this run: what the variable of the environment says, else `full`, or `small` in a
 * small run.
 */
export const sized = (
  variable: string,
  { full, small }: { readonly full: number; readonly small: number },
): number => Number(process.env[variable] ?? (isSmall ? small : full))

/** Sleeps for `ms` milliseconds, to be at another moment each time; not at all in a small run. */
export const linger = async (ms: number): Promise<void> => {
  if (!isSmall) await sleep(ms)
}

/** A small run waits until something holds, any other one sleeps for `ms` milliseconds. */
export const lingerOrUntil = (
  ms: number,
  holds: () => boolean | Promise<boolean>,
): Promise<unknown> => (isSmall ? until(holds) : sleep(ms))

const LOOK_MS = 20

/**
 * Waits until something holds of which nothing tells (what another process has done, say) by
 * looking again and again. How long that takes does not matter: only the timeout of the test, which
 * is for hangs, ends it. Rejects if `holds` does.
 */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(LOOK_MS)
}

/**
 * The seed of a run's choices: what the variable says; drawn at full size; else always the same.
 */
export const seedFrom = (variable: string): number =>
  Number(process.env[variable] ?? (isFull ? Math.floor(Math.random() * 2 ** 31) : 1))
