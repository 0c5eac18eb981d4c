// Which content coding a client wants (RFC 9110, 12.5.3).

/** In the order in which they are chosen where the client wants them alike. */
const encodings = ['br', 'gzip'] as const
export type Encoding = (typeof encodings)[number]

const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/

/** How much a client wants each coding, from 0 to 1. A weight that is not one counts as 0. */
const weightsOf = (header: string): ReadonlyMap<string, number> => {
  const weights = new Map<string, number>()
  for (const entry of header.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = entry.split(';').map((part) => part.trim())
    const q = parameters
      .map((parameter) => /^q\s*=\s*(.*)$/.exec(parameter)?.[1])
      .find((value) => value !== undefined)
    const weight = q === undefined ? 1 : WEIGHT.test(q) ? Number(q) : 0
    if (coding !== '') weights.set(coding === 'x-gzip' ? 'gzip' : coding, weight)
  }
  return weights
}

/**
 * The coding of those that are `offered` that the client wants most; undefined for none. A client
 * that names no coding gets none, and one that refuses to go without gets none as well: the RFC lets
 * a server answer so, and such a client can tell by the missing header.
 */
export const encodingFor = (
  header: string | undefined,
  offered: readonly Encoding[],
): Encoding | undefined => {
  if (header === undefined) return undefined
  const weights = weightsOf(header)
  const any = weights.get('*') ?? 0
  // No coding is always good, but less than any that is named, unless it is named itself.
  let most = weights.get('identity') ?? 0
  let chosen: Encoding | undefined
  for (const encoding of encodings) {
    if (!offered.includes(encoding)) continue
    const weight = weights.get(encoding) ?? any
    if (weight === 0 || weight < most || (weight === most && chosen !== undefined)) continue
    most = weight
    chosen = encoding
  }
  return chosen
}
