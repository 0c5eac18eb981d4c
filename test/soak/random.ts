// Chance that can be repeated: SEED=… gives a run the choices of an earlier one (though not its timing).
export const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31))

export const roundsOf = (usual: number): number => Number(process.env['ROUNDS'] ?? (process.env['CI'] ? 5 : usual))
