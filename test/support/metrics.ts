// A parser of Prometheus' text format (0.0.4) that takes nothing that the format does not have.

export type Sample = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
export type Family = { readonly type: string; readonly help: string; readonly samples: Sample[] }

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = '([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\\\\n]|\\\\["\\\\n])*)"'
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`)

const labelsOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    Array.from(text.matchAll(new RegExp(LABEL, 'g')), ([, name, value]) => [name, value]),
  )

const numberOf = (text: string): number => {
  const value = Number(text.replace(/^([+-]?)Inf$/, '$1Infinity'))
  if (Number.isNaN(value) && text !== 'NaN') throw new Error(`not a value: ${text}`)
  return value
}

/** The family that a sample belongs to, of those that were announced. */
const familyOf = (name: string, families: ReadonlyMap<string, Family>): string => {
  const base = name.replace(/_(?:bucket|sum|count)$/, '')
  return families.get(base)?.type === 'histogram' ? base : name
}

/** Throws where a line is none, or a family is not announced, announced twice, or not in one piece. */
export const parseMetrics = (text: string) => {
  if (!text.endsWith('\n')) throw new Error('the last line has to end')
  const families = new Map<string, Family>()
  const seen = new Set<string>()
  let current: string | undefined
  let help: readonly [name: string, text: string] | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, name = '', rest = ''] =
      new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line) ?? []
    if (kind === 'HELP') {
      if (families.has(name)) throw new Error(`announced twice: ${name}`)
      help = [name, rest]
    } else if (kind === 'TYPE') {
      if (help?.[0] !== name) throw new Error(`without help: ${name}`)
      if (!['counter', 'gauge', 'histogram'].includes(rest)) throw new Error(`no type: ${line}`)
      families.set(name, { type: rest, help: help[1], samples: [] })
      current = name
    } else {
      const [, series = '', labels = ''] = SAMPLE.exec(line) ?? []
      if (series === '') throw new Error(`no sample: ${line}`)
      const family = familyOf(series, families)
      if (family !== current) throw new Error(`not among its family: ${line}`)
      const key = line.slice(0, line.lastIndexOf(' '))
      if (seen.has(key)) throw new Error(`twice: ${key}`)
      seen.add(key)
      const value = numberOf(line.slice(line.lastIndexOf(' ') + 1))
      families.get(family)?.samples.push({ name: series, labels: labelsOf(labels), value })
    }
  }
  return { families, samples: [...families.values()].flatMap(({ samples }) => samples) }
}
