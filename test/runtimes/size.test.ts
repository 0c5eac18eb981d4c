import { expect, test } from 'vitest'
import type { Figure } from '../../scripts/size/figure.ts'
import { isBeyond, measureAll } from '../../scripts/size.ts'

test('size, start and memory stay within their limits', async () => {
  const figures = await measureAll()
  console.log(
    figures
      .map(
        ({ name, value, unit, detail }) =>
          `${name}: ${value} ${unit}${detail ? ` (${detail})` : ''}`,
      )
      .join('\n'),
  )
  expect(figures.length).toBeGreaterThan(0)
  // Bytes are what they are; time and memory depend on the machine, too, and on what else it does:
  // `npm run size` has the limits as they are.
  const margin = ({ unit }: Figure) => (unit === 'ms' || unit === 'MB' ? 1.5 : 1)
  expect(
    figures.filter((figure) => isBeyond({ ...figure, value: figure.value / margin(figure) })),
  ).toEqual([])
})
