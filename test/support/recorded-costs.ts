// What requests cost, counted, against what is recorded. More fails. Less passes, and the output of
// the run says so, as a hint to record the lower figure.
import { expect } from 'vitest'

type Figures = Readonly<Record<string, number>>

/**
 * `tolerance` has the factor by which a figure may differ from the recorded one, where it may.
 */
export const expectNoDearer = (
  counted: Readonly<Record<string, Figures>>,
  recorded: Readonly<Record<string, Figures>>,
  tolerance: Figures = {},
): void => {
  expect(Object.keys(counted).sort(), 'all that is counted is recorded').toEqual(
    Object.keys(recorded).sort(),
  )
  const dearer: string[] = []
  const cheaper: string[] = []
  for (const [name, figures] of Object.entries(recorded))
    for (const [figure, limit] of Object.entries(figures)) {
      const now = counted[name]?.[figure] ?? Number.NaN
      const factor = tolerance[figure] ?? 1
      const line = `${name}: ${now} ${figure}, recorded are ${limit}`
      if (now < limit / factor) cheaper.push(line)
      else if (!(now <= limit * factor)) dearer.push(line)
    }
  if (cheaper.length > 0)
    console.log(['cheaper than recorded (record the lower figure):', ...cheaper].join('\n  '))
  expect(dearer, 'dearer than recorded').toEqual([])
}
