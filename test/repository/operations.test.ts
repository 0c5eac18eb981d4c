// What operators see of a process: its first line, its log, the revision that it runs.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { commitOf } from '../../src/runtimes/node/commit.ts'
import { startTaskport, temporaryFolder } from '../support/process.ts'

const statusOf = async (url: string) =>
  (await (await fetch(`${url}/status`)).json()) as { commit: string | null }

test('on a Space the first line names its public address, the log is text where that is wanted, and /status has the commit', async () => {
  const SOURCE_COMMIT = '4F2C7E1D9B3A5860C1E7F2A4D6B8093E5C7A1F2D'
  const { url, err, out } = await startTaskport({
    SPACE_ID: 'me/tasks',
    SPACE_HOST: 'me-tasks.hf.space',
    LOG_FORMAT: 'text',
    SOURCE_COMMIT,
  })
  expect(err().split('\n')[0]).toContain('Its public address is https://me-tasks.hf.space.')
  expect((await statusOf(url)).commit).toBe(SOURCE_COMMIT.toLowerCase())
  await expect.poll(out, { timeout: 60_000 }).toMatch(/^\d\d:\d\d:\d\d info {2}\/status 200 /m)
  expect(out()).not.toContain('{"time"')
})

test('elsewhere it is JSON, and the commit is what git has here', async () => {
  const { url, err, out } = await startTaskport()
  expect(err()).not.toContain('public address')
  expect((await statusOf(url)).commit).toBe(commitOf(join(import.meta.dirname, '../..')) ?? null)
  await expect.poll(out, { timeout: 60_000 }).toContain('"operation":"/status"')
  for (const line of out().trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
})

test('a commit is found as git keeps it: on a branch, packed, detached, in another working tree', () => {
  const folder = temporaryFolder()
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  expect(commitOf(folder)).toBeUndefined()
  git('init')
  expect(commitOf(folder), 'without a commit').toBeUndefined()
  git('commit', '--allow-empty', '-m', 'one')
  const head = git('rev-parse', 'HEAD')
  expect(commitOf(folder)).toBe(head)
  git('pack-refs', '--all')
  expect(commitOf(folder)).toBe(head)
  git('worktree', 'add', '-b', 'other', 'tree')
  expect(commitOf(join(folder, 'tree'))).toBe(head)
  git('checkout', '--detach')
  expect(commitOf(folder)).toBe(head)
  mkdirSync(join(folder, 'inside'))
  expect(commitOf(join(folder, 'inside')), 'not of a repository around it').toBeUndefined()
  writeFileSync(join(folder, '.git/HEAD'), 'nonsense')
  expect(commitOf(folder)).toBeUndefined()
})

test.each(['HEAD', 'unknown', 'main', '12345', 'xyz1234'])(
  'SOURCE_COMMIT=%s, which some platforms set, is no commit and refuses nothing',
  (SOURCE_COMMIT) => {
    expect(parseConfig({ SOURCE_COMMIT }).sourceCommit).toBeUndefined()
  },
)
