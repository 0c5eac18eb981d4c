// npm run bench [-- --quick] [-- --sizes]: how fast the service is, as ratios to a bare app in the same run. See docs/performance.md.
import { parseArgs } from 'node:util'
import { measureRatios, type Size } from './ratios.ts'
import { describeRun, lineOf, type Report, reportRatios, reportSizes, writeReport } from './report.ts'
import { measureSizes } from './sizes.ts'

const { quick, sizes } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, sizes: { type: 'boolean', default: false } },
}).values
const size: Size = quick ? { rounds: 3, seconds: 2, starts: 3 } : { rounds: 5, seconds: 5, starts: 7 }

const show = (name: 'ratios' | 'sizes', report: Report): boolean => {
  console.log(`\n${report.table}\n\n${report.verdicts.map(lineOf).join('\n')}`)
  if (!quick) writeReport(name, report, size)
  return report.verdicts.every(({ passed }) => passed)
}

console.log(describeRun(size))
const passed = [show('ratios', reportRatios(await measureRatios(size)))]
if (sizes) passed.push(show('sizes', reportSizes(await measureSizes(size))))
if (passed.includes(false)) process.exitCode = 1
