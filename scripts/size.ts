// npm run size: how large the program is, how long it takes to start and what memory it holds.
// Exits with 1 beyond a limit.
import { build } from '../bench/servers/service.ts'
import { measureBundle } from './size/bundle.ts'
import type { Figure } from './size/figure.ts'
import { measureImage } from './size/image.ts'
import { measureWorker } from './size/worker.ts'
import { isProgram, runProgram } from './support/program.ts'

const parts: readonly (() => Promise<Figure[]>)[] = [measureBundle, measureImage, measureWorker]

/** Everything that is measured, part by part. */
export const measureAll = async (): Promise<Figure[]> => {
  const figures: Figure[] = []
  for (const part of parts) figures.push(...(await part()))
  return figures
}

export const isBeyond = ({ value, most }: Figure): boolean => most !== undefined && value > most

const line = (figure: Figure): string => {
  const { name, value, unit, most, detail } = figure
  const limit = most === undefined ? '' : `, at most ${most.toLocaleString('en')}`
  return `${isBeyond(figure) ? 'FAIL' : 'PASS'} ${name}: ${value.toLocaleString('en')} ${unit}${limit}${detail === undefined ? '' : ` (${detail})`}`
}

const program = {
  name: 'npm run size',
  forms: [''],
  about:
    'Builds, and measures how large the program is, how long it takes to start, and what memory it holds.',
  options: {},
  examples: [['', 'prints a line for each figure']],
  exits: { 1: 'a figure is beyond its limit' },
} as const

if (isProgram(import.meta.filename))
  await runProgram(program, async () => {
    build('build')
    build('build:worker')
    const figures = await measureAll()
    for (const figure of figures) console.log(line(figure))
    process.exitCode = figures.some(isBeyond) ? 1 : 0
  })
