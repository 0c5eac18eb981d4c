// Adds up what the test runner counted, suite by suite, and prints it in one line. Fails where a
// test failed or none ran.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder] = process.argv.slice(2)
const results = readdirSync(folder).map((file) =>
  JSON.parse(readFileSync(join(folder, file), 'utf8')),
)
const sum = (name) => results.reduce((total, result) => total + result[name], 0)
/** Files that failed without one of their tests: those never began. */
const brokenFiles = results
  .flatMap(({ testResults }) => testResults)
  .filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  ).length
const [passed, failed, skipped] = [
  sum('numPassedTests'),
  sum('numFailedTests') + brokenFiles,
  sum('numPendingTests') + sum('numTodoTests'),
]
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
