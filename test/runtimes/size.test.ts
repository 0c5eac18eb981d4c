import { expect, test } from 'vitest'
import { isBeyond, measureAll } from '../../scripts/size.ts'

test('size, start and memory stay within their limits', async () => {
  const figures = await measureAll()
  console.log(figures.map(({ name, value, unit, detail }) => `${name}: ${value} ${unit}${detail ? ` (${detail})` : ''}`).join('\n'))
  expect(figures.length).toBeGreaterThan(0)
  expect(figures.filter(isBeyond)).toEqual([])
})
