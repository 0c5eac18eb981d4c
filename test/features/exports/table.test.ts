// Tasks as a table, which a spreadsheet opens.
import Papa from 'papaparse'
import { expect, test } from 'vitest'
import { createWorld } from '../../support/world.ts'

test('no cell is a formula, and what is none stays as it is', async () => {
  const world = await createWorld()
  const ann = await world.register('Ann')
  const formulas = [
    '=1+1',
    '=HYPERLINK("http://example.org")\nsecond line',
    '- one\n- two',
    '@SUM(1)\r\n',
    '\n=1+1',
    '\r=1+1',
    '\t=1+1',
    '  =1+1',
    '\u00a0+1',
    '\ufeff=1+1',
    '\u200b-1',
    '\n\n @x',
    '\uff1d1+1',
  ]
  const texts = ['one\n=two', 'a = b', "'quoted'", '  two spaces', '"=1"']
  const all = [...formulas, ...texts]
  for (const [at, description] of all.entries())
    await ann.post('/api/v1/tasks', { title: `Task ${at}`, description })
  const { text } = await ann.get('/api/v1/export?format=csv')
  const { data } = Papa.parse<Record<string, string>>(text, { header: true, newline: '\r\n' })
  const made = (await ann.get('/api/v1/tasks?limit=100')).body.items
  const cells = new Map(data.map(({ title, description }) => [title, description]))
  expect(made.length).toBe(all.length)
  for (const { title, description } of made) {
    const isFormula = Number(title.slice(5)) < formulas.length
    expect(cells.get(title)).toBe(isFormula ? `'${description}` : description)
  }
  await world.close()
})
