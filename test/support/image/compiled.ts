// What a process of Node took from what was compiled when the image was built.

/** How many files it took, by what it says with `NODE_DEBUG_NATIVE=COMPILE_CACHE`. */
export const compiledBefore = (said: string): number => said.match(/ was accepted/g)?.length ?? 0

/** Files of which a start finds more: its own, without those of threads that start later. */
export const MANY = 40
