// The oldest Node that the service runs on, and which many machines have.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/process.ts'
import { commandOf, DATABASES, starterOf } from './process.ts'
import { describeRuntime } from './suite.ts'

const ROOT = join(import.meta.dirname, '../..')
const OLDEST = 'v20.'

/** `.ci/install` puts one there; some machines have it as their own. */
const candidates = ['.cache/node_modules/node-20/bin/node', '/usr/bin/node', '/usr/local/bin/node']
const versionOf = (path: string): string =>
  existsSync(path) ? execFileSync(path, ['--version'], { encoding: 'utf8' }) : ''
const oldest = candidates
  .map((path) => join(path.startsWith('/') ? '/' : ROOT, path))
  .find((path) => versionOf(path).startsWith(OLDEST))

const [, args] = commandOf('start')
describeRuntime({
  name: 'Node 20, the bundle',
  ...(oldest === undefined && { absent: 'a Node 20: .ci/install installs one' }),
  variant: true,
  databases: DATABASES,
  start: starterOf(oldest ?? '', args),
})

test.skipIf(oldest === undefined)(
  'commands run there from their source, with their threads',
  () => {
    const [data, bucket] = [temporaryFolder(), temporaryFolder()]
    const run = (script: string, ...rest: string[]) => {
      const { status, stdout, stderr } = spawnSync(
        oldest ?? '',
        ['--import', './scripts/node/start.mjs', `scripts/${script}.ts`, ...rest],
        {
          cwd: ROOT,
          input: 'a heron on the pier',
          encoding: 'utf8',
          env: { PATH: process.env['PATH'], DATA_DIR: data, BACKUP_URL: `file:${bucket}` },
        },
      )
      return { code: status, out: stdout, err: stderr }
    }
    expect(run('migrate')).toMatchObject({ code: 0, err: '' })
    expect(run('user', 'add', 'ada@example.org')).toMatchObject({ code: 0, err: '' })
    expect(run('backup')).toMatchObject({ code: 0 })
    expect(run('backup-verify').out).toMatch(/^ +1 {2}users$/m)
    const copy = ['--from', `file:${data}/taskport.db`, '--to', `file:${data}/copy.db`]
    expect(run('db-copy', ...copy)).toMatchObject({ code: 0 })
  },
)

test.skipIf(oldest === undefined)('of a body that nothing asks for, little is read', () => {
  for (const node of [process.execPath, oldest ?? '']) {
    const args = ['--import', './scripts/node/start.mjs', 'test/support/unread-body.ts']
    const { stdout } = spawnSync(node, args, { cwd: ROOT, encoding: 'utf8' })
    expect(Number(stdout), node).toBeGreaterThan(16 * 1024)
    expect(Number(stdout), node).toBeLessThan(256 * 1024)
  }
})
