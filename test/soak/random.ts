// Chance that can be repeated: SEED=… gives a run the choices of an earlier one (though not its timing).
export const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))

/** Numbers from 0 to 1 that the seed decides (mulberry32). */
export const randomOf = (start: number): (() => number) => {
  let state = start | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const roundsOf = (usual: number): number => Number(process.env['ROUNDS'] ?? (process.env['CI'] ? 5 : usual))
