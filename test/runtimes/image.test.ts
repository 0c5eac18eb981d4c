import { describe, expect, test } from 'vitest'
import { randomOf } from '../../bench/data/random.ts'
import manifest from '../../package.json' with { type: 'json' }
import { layOut } from '../../scripts/image/layout.ts'
import { enter } from '../soak/person.ts'
import { seed } from '../soak/random.ts'
import { createWriter } from '../soak/writer.ts'
import { BASE } from '../support/image/base.ts'
import { built, IMAGE, inspect } from '../support/image/built.ts'
import { compiledBefore, MANY } from '../support/image/compiled.ts'
import { type Container, runContainer, startContainer } from '../support/image/container.ts'
import type { Engine } from '../support/image/engine.ts'
import { folderOf, volume } from '../support/image/folders.ts'
import { temporaryFolder } from '../support/process.ts'
import { freePort, runToEnd } from '../support/servers/process.ts'
import { isSmall, until } from '../support/size.ts'
import { SPACE } from '../support/space.ts'

const MOST_BYTES = 60e6
const MOST_MS = 10_000

const { absent, engine } = { absent: undefined, engine: undefined as unknown as Engine, ...built }
if (absent) console.log(`absent, so the suite of the image was skipped: ${absent}`)

/** What a shell command says inside, without the network. */
const say = async (container: Container, command: string): Promise<string> =>
  (await container.exec(['sh', '-c', command])).out.trim()

/**
 * What differs from the image in the files of a container, as `diff` of its engine lists it; what
 * the engine itself puts there is left out.
 */
const changesOf = async (
  { client: [command, ...options] }: Engine,
  name: string,
): Promise<string[]> => {
  const { stdout } = await runToEnd(command, [...options, 'diff', name])
  return stdout
    .split('\n')
    .filter(
      (line) =>
        /^[ACD] \//.test(line) && !/^C \/\w*$|^. \/(?:etc|run|dev|proc|sys|data)\b/.test(line),
    )
}

describe.skipIf(absent)('the image', () => {
  test('its own layers are small, and hold neither sources nor tools nor another platform', async () => {
    const [image, base] = await Promise.all([inspect(engine, IMAGE), inspect(engine, BASE)])
    const bytes = image.Size - base.Size
    const laidOut = await layOut(temporaryFolder())
    console.log(
      `image: ${(bytes / 1e6).toFixed(1)} MB on top of ${(base.Size / 1e6).toFixed(0)} MB of the base`,
    )
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES)
    expect(Math.abs(bytes - laidOut) / bytes).toBeLessThan(0.1)
    const container = await startContainer(engine, { image: IMAGE, network: 'none' })
    const files = (await say(container, 'find /app -type f')).split('\n')
    expect(files).toContain('/app/dist/server.js')
    expect(
      files.filter((file) => /\.(?:ts|map)$|esbuild|musl|\/tests?\/|\.env/.test(file)),
    ).toEqual([])
  })

  test('it says who runs it, where it listens, and what it is', async () => {
    const { Config } = await inspect(engine, IMAGE)
    expect(Config.User).toBe('1000')
    expect(Object.keys(Config.ExposedPorts)).toEqual(['7860/tcp'])
    expect(Config.Labels).toMatchObject({
      'org.opencontainers.image.title': 'Taskport',
      'org.opencontainers.image.version': manifest.version,
      'org.opencontainers.image.licenses': manifest.license,
    })
    const usual = (await inspect(engine, BASE)).Config.Env
    const own = Config.Env.filter((entry) => !usual.includes(entry)).map(
      (entry) => entry.split('=')[0],
    )
    expect(own.sort()).toEqual([
      'NODE_COMPILE_CACHE',
      'NODE_COMPILE_CACHE_PORTABLE',
      'NODE_ENV',
      'NPM_CONFIG_LOGS_MAX',
      'NPM_CONFIG_UPDATE_NOTIFIER',
    ])
  })

  test('without any variable it is at 7860, healthy, as user 1000', async () => {
    const container = await startContainer(engine, { image: IMAGE, network: 'none' })
    expect(container.url).toMatch(/:7860$/)
    expect(await say(container, 'id -u')).toBe('1000')
    expect(await say(container, 'grep ^Uid: /proc/1/status')).toMatch(/^Uid:\s+1000\s+1000/)
    const [kind, ...health] = (await inspect(engine, IMAGE)).Config.Healthcheck.Test
    expect(kind).toBe('CMD')
    expect((await container.exec(health)).code).toBe(0)
    expect((await container.exec(['env', 'PORT=1', ...health])).code).toBe(1)
    expect(await container.stop()).toBe(0)
  })

  test("with a Space's variables it is at 7860, and HEAD / is 200", async () => {
    const container = await startContainer(engine, { image: IMAGE, network: 'none', env: SPACE })
    const head =
      "fetch('http://127.0.0.1:7860/', { method: 'HEAD' }).then(({ status, headers }) => console.log(status, headers.get('content-security-policy')))"
    expect((await container.exec(['node', '-e', head])).out).toMatch(
      /^200 .*frame-ancestors 'self' https:\/\/huggingface\.co\n$/,
    )
  })

  test('PORT is where it listens, and any user may run it', async () => {
    const port = await freePort()
    const env = { PORT: String(port) }
    const container = await startContainer(engine, {
      image: IMAGE,
      env,
      options: ['--user', '4711:0', ...volume(folderOf(4711), '/data')],
    })
    expect(container.url).toMatch(new RegExp(`:${port}$`))
    expect((await fetch(`${container.url}/ready`)).status).toBe(200)
    for (const path of [
      '/',
      '/docs',
      '/assets/page.css',
      '/assets/docs.js',
      '/assets/swagger-ui.css',
      '/assets/swagger-ui-bundle.js',
    ])
      expect([path, (await fetch(container.url + path)).status]).toEqual([path, 200])
  })

  test('nothing is written outside the data folder', async () => {
    // Here the root may be written to, so that what would be is seen.
    const container = await startContainer(engine, {
      image: IMAGE,
      env: { PORT: '0' },
      writable: true,
      options: [
        ...volume(folderOf(1000), '/data'),
        ...['--env', 'NODE_DEBUG_NATIVE=COMPILE_CACHE'],
      ],
    })
    expect(compiledBefore(container.err() + container.out())).toBeGreaterThan(MANY)
    const person = await enter(container.url, 'ada', 'register')
    for (let i = 0; i < 20; i++) await person.post(`Task ${i}`)
    for (const path of ['/', '/docs', '/openapi.json'])
      await (await fetch(container.url + path)).text()
    const changes = () => changesOf(engine, container.name)
    expect(await changes()).toEqual([])
    await say(container, 'touch /tmp/planted')
    expect(await changes()).toEqual(['A /tmp/planted'])
    expect(await say(container, 'find /data -type f | sort')).toContain(
      '/data/taskport.db\n/data/taskport.db-shm\n/data/taskport.db-wal',
    )
    expect(await say(container, 'stat -c %a /data/taskport.db')).toBe('600')
  })

  test('SIGTERM under load: exit code 0 in time, and what was acknowledged is there', async () => {
    const random = randomOf(seed)
    const options = volume(folderOf(1000), '/data')
    const env = { PORT: '0', RATE_LIMIT: 'off', LOG_LEVEL: 'warning' }
    const first = await startContainer(engine, { image: IMAGE, env, options })
    const person = await enter(first.url, 'ada', 'register')
    const writers = Array.from({ length: 8 }, (_, i) => createWriter(`ada-${i}`, random))
    const over = Promise.all(writers.map((writer) => writer.run(person)))
    await Promise.race([until(() => writers.every((writer) => writer.acknowledged() >= 20)), over])
    const began = performance.now()
    const code = await first.stop()
    const ms = performance.now() - began
    await over

    const second = await startContainer(engine, { image: IMAGE, env, options })
    const again = await enter(second.url, 'ada', 'login')
    const tasks = await again.tasks()
    expect(writers.flatMap((writer) => writer.check(tasks))).toEqual([])
    expect({ code, inTime: isSmall || ms <= MOST_MS }).toEqual({ code: 0, inTime: true })
    console.log(
      `image: ended ${Math.round(ms)} ms after SIGTERM under load, ${tasks.length} tasks were there`,
    )
  })

  test('the commands of operators run inside', async () => {
    const options = volume(folderOf(1000), '/data')
    const container = await startContainer(engine, { image: IMAGE, env: { PORT: '0' }, options })
    await enter(container.url, 'ada', 'register')
    const npm = (...args: string[]) => ['npm', 'run', '--silent', ...args]
    const reset = await container.exec(
      npm('user', '--', 'reset-password', 'ada@example.org'),
      'another heron on the pier',
    )
    expect(reset).toMatchObject({ code: 0, err: '' })
    expect(reset.out).toContain('ada@example.org has a new password')
    expect(await container.exec(npm('db:migrate'))).toEqual({
      code: 0,
      out: 'nothing was missing\n',
      err: '',
    })
    const copy = await container.exec(
      npm('db:copy', '--', '--from', 'file:/data/taskport.db', '--to', 'file:/data/copy.db'),
    )
    expect(copy).toMatchObject({ code: 0 })
    expect(copy.out).toMatch(/rows copied and verified/)
    const vacuum = `new (require('libsql'))('/data/taskport.db').exec("vacuum into '/data/live.db'")`
    expect(await container.exec(['node', '-e', vacuum])).toEqual({ code: 0, out: '', err: '' })
    expect(
      (
        await container.exec([
          'npm',
          'run',
          '--silent',
          'db:copy',
          '--',
          '--from',
          'file:/data/live.db',
          '--to',
          'file:/data/copied.db',
        ])
      ).code,
    ).toBe(0)
  })

  test('every driver that the bundle leaves outside loads', async () => {
    const urls = [
      'postgres://me:x@127.0.0.1:1/x',
      'mysql://me:x@127.0.0.1:1/x',
      'libsql://127.0.0.1:1',
    ]
    const refused = async (DATABASE_URL: string) => {
      const container = runContainer(engine, {
        image: IMAGE,
        network: 'none',
        env: { DATABASE_URL },
      })
      return { code: await container.exit, said: container.err() }
    }
    for (const outcome of await Promise.all(urls.map(refused)))
      expect(outcome).toEqual({
        code: 1,
        said: expect.stringMatching(/^taskport: [^\n]* which cannot be reached [^\n]*\n$/),
      })
  })
})
