import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { enter } from '../soak/person.ts'
import { find } from '../support/image/base.ts'
import { compiledBefore, MANY } from '../support/image/compiled.ts'
import { findEngine } from '../support/image/engine.ts'
import { folderOf } from '../support/image/folders.ts'
import { takeSteps } from '../support/image/stages.ts'
import { run, temporaryFolder } from '../support/process.ts'
import { freePort } from '../support/servers/process.ts'
import { isSmall, until } from '../support/size.ts'

const ROOT = join(import.meta.dirname, '../..')
const isRoot = process.getuid?.() === 0

// Where the machine can build and run the image, a small run has `image.test.ts` in place of this.
const isBuilt = isSmall && !('absent' in (await findEngine()))
if (isBuilt) console.log('skipped: the image without a builder, because this machine has one')

test.skipIf(isBuilt)(
  'the Dockerfile builds without a builder, and its result runs on a read-only tree as its user',
  async () => {
    const scratch = temporaryFolder()
    chmodSync(scratch, 0o755)
    const { folder, workdir, command, user, env } = await takeSteps(ROOT, scratch)
    expect({ user, workdir }).toEqual({ user: 1000, workdir: '/app' })
    execFileSync('chmod', ['-R', 'a-w', join(folder, 'app')])
    onTestFinished(() => void execFileSync('chmod', ['-R', 'u+w', join(folder, 'app')]))
    const data = isRoot ? folderOf(user) : temporaryFolder()
    const before = filesOf(folder)

    const port = await freePort()
    const [program, ...args] = command
    const node = program === 'node' ? process.execPath : (program as string)
    const as = isRoot ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'] : []
    const [first, ...others] = [...as, 'env', '--chdir', join(folder, workdir), node, ...args]
    const service = run(first as string, others, {
      ...env,
      PORT: String(port),
      DATA_DIR: data,
      HOME: '/nowhere',
      NODE_COMPILE_CACHE: join(folder, 'app/compiled'),
      NODE_DEBUG_NATIVE: 'COMPILE_CACHE',
    })
    await until(() => {
      expect(service.child.exitCode, service.err()).toBe(null)
      return service.err().includes(` is at http://localhost:${port}. `)
    })
    const url = `http://127.0.0.1:${port}`
    await (await enter(url, 'ada', 'register')).post('On a read-only tree')
    for (const path of [
      '/',
      '/docs',
      '/assets/swagger-ui-bundle.js',
      '/assets/page.css',
      '/openapi.json',
      '/ready',
    ])
      expect([path, (await fetch(url + path)).status]).toEqual([path, 200])
    service.child.kill('SIGTERM')
    expect(await service.exit).toBe(0)
    expect(compiledBefore(service.err())).toBeGreaterThan(MANY)
    expect(existsSync(join(data, 'taskport.db'))).toBe(true)
    expect(filesOf(folder)).toBe(before)
  },
)

const linters = {
  dockerfilelint: ['Dockerfile'],
  dclint: ['--max-warnings', '0', 'docker-compose.yml'],
  hadolint: ['Dockerfile'],
}
for (const [name, args] of Object.entries(linters)) {
  const installed = join(ROOT, '.cache/node_modules/.bin', name)
  const linter = existsSync(installed) ? installed : find(name)
  if (!linter) console.log(`absent, so it was not run: ${name}`)
  test.skipIf(!linter)(`${name} finds nothing`, async () => {
    const { exit, out, err } = run(linter as string, args, {})
    expect({ code: await exit, said: out() + err() }).toMatchObject({ code: 0 })
  })
}

/** Names, sizes and times of all files. */
const filesOf = (folder: string): string =>
  execFileSync('find', [folder, '-type', 'f', '-printf', '%p %s %T@\n'], { encoding: 'utf8' })
