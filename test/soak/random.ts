// Chance that can be repeated: SEED=… gives a run the choices of an earlier one (though not its
// timing).
import { seedFrom, sized } from '../support/size.ts'

export const seed = seedFrom('SEED')

/** Rounds of a scenario: ROUNDS where it is set, else `usual`, and one in a small run. */
export const roundsOf = (usual: number): number => sized('ROUNDS', { full: usual, small: 1 })
