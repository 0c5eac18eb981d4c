// npm run user on the D1 database of a Worker, as wrangler keeps it on this machine.
import { spawnSync } from 'node:child_process'
import { cpSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/process.ts'

const ROOT = join(import.meta.dirname, '../..')

/** Its local database belongs to the folder, so this one has its own. */
const projectFolder = (): string => {
  const folder = temporaryFolder()
  for (const name of ['package.json', 'wrangler.toml', 'src', 'scripts', 'drizzle'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** As the first request to a Worker does it. */
const migrate = `
  import { openBinding } from './scripts/user/d1.ts'
  import { onD1 } from './src/db/open/d1.ts'
  import { readMigrations } from './src/runtimes/node/migrations.ts'
  const { binding, close } = await openBinding('local')
  await onD1(binding).migrate(readMigrations('sqlite'))
  await close()`

test('the first account of a Worker is made, its password reset, and the account deleted', () => {
  const cwd = projectFolder()
  const node = (args: readonly string[], input = '') => {
    const options = { cwd, input, encoding: 'utf8' } as const
    const { status, stdout, stderr } = spawnSync(process.execPath, args, options)
    return { code: status, out: stdout, err: stderr }
  }
  const user = (args: readonly string[], input = '') =>
    node(['scripts/user.ts', '--d1', 'local', ...args], input)
  const password = 'a heron on the pier'
  expect(user(['list'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('is not migrated: send it one request'),
  })
  writeFileSync(join(cwd, 'migrate.mjs'), migrate)
  expect(node(['migrate.mjs'])).toMatchObject({ code: 0 })
  expect(user(['add', 'ada@example.org'], password)).toMatchObject({
    code: 0,
    out: 'ada@example.org has an account.\n',
  })
  expect(user(['reset-password', 'ada@example.org'], 'two herons on the pier')).toMatchObject({
    code: 0,
  })
  expect(JSON.parse(user(['list', '--json']).out)).toMatchObject([{ email: 'ada@example.org' }])
  expect(user(['delete', 'ada@example.org', '--yes'])).toMatchObject({ code: 0 })
  expect(JSON.parse(user(['list', '--json']).out)).toEqual([])
  expect(node(['scripts/user.ts', '--d1', 'far', 'list'])).toMatchObject({
    code: 2,
    err: expect.stringContaining('--d1 takes local or remote'),
  })
})
