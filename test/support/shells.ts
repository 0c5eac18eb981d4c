// The shells that people paste into.
import { spawnSync } from 'node:child_process'

/** zsh has parameters of its own, and takes an unquoted bracket for a pattern. */
const all = ['sh', 'bash', 'zsh'] as const
export const shells = all.filter((shell) => spawnSync(shell, ['-c', 'true']).error === undefined)
for (const shell of all.filter((shell) => !shells.includes(shell)))
  console.warn(`nothing is run in ${shell}: it is not installed`)
