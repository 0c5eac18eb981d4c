// A line chart as SVG, both axes logarithmic.
type Line = { readonly title: string; readonly values: readonly number[] }
type Plot = {
  readonly title: string
  readonly x: { readonly title: string; readonly values: readonly number[] }
  readonly y: { readonly title: string }
  readonly lines: readonly Line[]
}

const [WIDTH, HEIGHT] = [880, 480]
const MARGIN = { left: 70, right: 240, top: 40, bottom: 50 } as const
const COLORS = [
  '#4269d0',
  '#efb118',
  '#ff725c',
  '#6cc5b0',
  '#3ca951',
  '#ff8ab7',
  '#a463f2',
  '#97bbf5',
  '#9c6b4e',
  '#9498a0',
  '#1b7837',
  '#762a83',
]
/** Titles at the lines' ends keep this distance. */
const LINE_HEIGHT = 16

export const plot = ({ title, x, y, lines }: Plot): string => {
  const all = lines.flatMap(({ values }) => values)
  const [low, high] = [
    Math.floor(Math.log10(Math.min(...all))),
    Math.ceil(Math.log10(Math.max(...all))),
  ]
  const across = scale(
    Math.log10(Math.min(...x.values)),
    Math.log10(Math.max(...x.values)),
    MARGIN.left,
    WIDTH - MARGIN.right,
  )
  const up = scale(low, high, HEIGHT - MARGIN.bottom, MARGIN.top)
  const powers = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i))
  const ends = spreadOut(lines.map(({ values }) => up(values.at(-1) as number)))
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" fill="#333">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(MARGIN.left, 22, title, 'font-size="14" font-weight="bold"'),
    ...powers.map(
      (power) =>
        `${rule(MARGIN.left, up(power), WIDTH - MARGIN.right, up(power))}${text(MARGIN.left - 8, up(power) + 4, `${power}`, 'text-anchor="end"')}`,
    ),
    ...x.values.map(
      (value) =>
        `${rule(across(value), MARGIN.top, across(value), HEIGHT - MARGIN.bottom)}${text(across(value), HEIGHT - 30, value.toLocaleString('en'), 'text-anchor="middle"')}`,
    ),
    text((MARGIN.left + WIDTH - MARGIN.right) / 2, HEIGHT - 10, x.title, 'text-anchor="middle"'),
    text(16, HEIGHT / 2, y.title, `text-anchor="middle" transform="rotate(-90 16 ${HEIGHT / 2})"`),
    ...lines.map(({ title, values }, i) => {
      const color = COLORS[i % COLORS.length] as string
      const points = values.map(
        (value, at) => `${across(x.values[at] as number).toFixed(1)},${up(value).toFixed(1)}`,
      )
      const dots = points.map(
        (point) =>
          `<circle cx="${point.split(',')[0]}" cy="${point.split(',')[1]}" r="3" fill="${color}"/>`,
      )
      const label = text(
        WIDTH - MARGIN.right + 12,
        (ends[i] as number) + 4,
        title,
        `fill="${color}"`,
      )
      return `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="2"/>${dots.join('')}${label}`
    }),
    '</svg>\n',
  ].join('\n')
}

/** From a value to a place; `from` and `to` are powers of ten. */
const scale = (from: number, to: number, start: number, end: number) => (value: number) =>
  start + ((Math.log10(value) - from) / (to - from || 1)) * (end - start)

/** The same places, moved down as far as it takes for none to cover another. */
const spreadOut = (places: readonly number[]): number[] => {
  const moved = [...places]
  let last = Number.NEGATIVE_INFINITY
  for (const i of places
    .map((_, i) => i)
    .sort((a, b) => (places[a] as number) - (places[b] as number))) {
    last = Math.max(places[i] as number, last + LINE_HEIGHT)
    moved[i] = last
  }
  return moved
}

const rule = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" stroke="#ddd"/>`
const text = (x: number, y: number, content: string, more: string): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${content}</text>`
