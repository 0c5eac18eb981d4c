export const whole = (n: number): string =>
  Number.isNaN(n) ? '–' : Math.round(n).toLocaleString('en')
export const fixed = (n: number): string => (Number.isNaN(n) ? '–' : n.toFixed(2))

export const median = (list: readonly number[]): number => {
  const sorted = list.toSorted((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] as number) + (sorted[sorted.length >> 1] as number)) / 2
}

/** The median, with the least and the most. */
export const spread = (list: readonly number[], show = fixed): string =>
  `${show(median(list))} (${show(Math.min(...list))}–${show(Math.max(...list))})`
