// The commands of operators as the image has them, where the database needs a process of its own.
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { layOut } from '../../scripts/image/layout.ts'
import { run, temporaryFolder } from '../support/process.ts'
import { libsqlIsAbsent, startLibsql } from '../support/servers/libsql.ts'

if (libsqlIsAbsent) console.log(`absent, so the commands were not run on an embedded replica: ${libsqlIsAbsent.absent}`)

const migrate = async (app: string, url: string) => {
  const env = { DATABASE_URL: url, DATABASE_REPLICA: `file:${join(temporaryFolder(), 'replica.db')}` }
  const { exit, out, err } = run(process.execPath, [join(app, 'dist/commands/migrate.js')], env)
  return { code: await exit, out: out(), err: err() }
}

const laidOut = async (): Promise<string> => {
  const folder = temporaryFolder()
  await layOut(folder)
  return join(folder, 'app')
}

test.skipIf(libsqlIsAbsent)('an embedded replica is opened, and closed when the command is done', async () => {
  const [app, { url, stop }] = [await laidOut(), await startLibsql()]
  onTestFinished(stop)
  expect(await migrate(app, url)).toMatchObject({ code: 0, out: expect.stringMatching(/^applied: /) })
  expect(await migrate(app, url)).toMatchObject({ code: 0, out: 'nothing was missing\n' })
})

test('a replica whose server is not there is refused, and the command ends', async () => {
  const { code, err } = await migrate(await laidOut(), 'http://127.0.0.1:1')
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(/^taskport: DATABASE_URL leads to libSQL .*cannot be reached[^\n]*\n$/),
  })
})
