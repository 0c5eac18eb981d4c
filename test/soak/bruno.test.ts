// The collection for Bruno, run by Bruno's own program, which is installed for the run.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BRUNO_FOLDER } from '../../scripts/print-bruno.ts'
import { startTaskport, temporaryFolder } from '../support/process.ts'

const CLI = '@usebruno/cli@4.1.0'
/** Everything but what ends or links an account, and what needs an id that no request makes. */
const REQUESTS = [
  ...['register', 'login', 'refresh', 'listSessions'].map((name) => `Sign-in/${name}.yml`),
  ...['getMe', 'updateMe', 'listIdentities'].map((name) => `Account/${name}.yml`),
  'API keys',
  'Projects',
  'Labels',
  'Tasks',
  ...['batch', 'bulkChangeTasks'].map((name) => `Batch/${name}.yml`),
  'System',
  'Sign-in/logout.yml',
]

test('every request of the collection that can be sent in turn is answered as it says', async ({
  skip,
}) => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', CLI]
  const installed = spawnSync('npm', install, { cwd: folder, encoding: 'utf8' })
  if (installed.status !== 0) {
    console.log(`skipped: ${CLI} cannot be installed\n${installed.stderr.slice(-500)}`)
    return skip()
  }
  const { url } = await startTaskport({ RATE_LIMIT: 'off' })
  const bru = join(folder, 'node_modules/@usebruno/cli/bin/bru.js')
  const env = ['--env', 'Local', '--env-var', `baseUrl=${url}`, '--noproxy']
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [bru, 'run', ...REQUESTS, ...env],
    { cwd: BRUNO_FOLDER, encoding: 'utf8' },
  )
  expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/Requests\s+│\s+39 \(39 Passed\)/)
})
