// The commands of operators as the image has them, on a libSQL server.
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { layOut } from '../../scripts/image/layout.ts'
import { run, temporaryFolder } from '../support/process.ts'
import { libsqlIsAbsent, startLibsql } from '../support/servers/libsql.ts'

if (libsqlIsAbsent)
  console.log(`absent, so the commands were not run on one: ${libsqlIsAbsent.absent}`)

const migrate = async (app: string, env: Record<string, string>) => {
  const { exit, out, err } = run(process.execPath, [join(app, 'dist/commands/migrate.js')], env)
  return { code: await exit, out: out(), err: err() }
}

const laidOut = async (): Promise<string> => {
  const folder = temporaryFolder()
  await layOut(folder)
  return join(folder, 'app')
}

test.skipIf(libsqlIsAbsent)('a libSQL server is migrated once', async () => {
  const [app, { url, stop }] = [await laidOut(), await startLibsql()]
  onTestFinished(stop)
  expect(await migrate(app, { DATABASE_URL: url })).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^applied: /),
  })
  expect(await migrate(app, { DATABASE_URL: url })).toMatchObject({
    code: 0,
    out: 'nothing was missing\n',
  })
})

test('a server that is not there is refused, and the command ends', async () => {
  const { code, err } = await migrate(await laidOut(), { DATABASE_URL: 'http://127.0.0.1:1' })
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(
      /^taskport: DATABASE_URL leads to libSQL .*cannot be reached[^\n]*\n$/,
    ),
  })
})

test('a variable of an earlier version ends a command, too', async () => {
  const env = { DATABASE_URL: 'http://127.0.0.1:1', DATABASE_REPLICA: 'file:x.db' }
  expect(await migrate(await laidOut(), env)).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^taskport: DATABASE_REPLICA is not supported any more, [^\n]*\n$/),
  })
})
