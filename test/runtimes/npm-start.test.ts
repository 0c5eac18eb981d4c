// `npm start` ended as process managers and terminals end it: what is asked is answered, npm exits
// with 0, and no process is left.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../support/process.ts'
import { isSmall, until } from '../support/size.ts'

const ROOT = join(import.meta.dirname, '../..')

/** npm by its major version; `.ci/install` puts them there. */
const NPMS = ['10', '11', '12'].map((version) => ({
  version,
  cli: join(ROOT, `.cache/node_modules/npm-${version}/bin/npm-cli.js`),
}))
const SHELLS = ['sh', 'bash', 'zsh']
const isShellAbsent = (shell: string) => spawnSync(shell, ['-c', 'true']).error !== undefined
for (const { version } of NPMS.filter(({ cli }) => !existsSync(cli)))
  console.log(`absent, so npm start was not run by npm ${version}`)
for (const shell of SHELLS.filter(isShellAbsent))
  console.log(`absent, so npm start was not run in ${shell}`)

type Variant = { readonly version: string; readonly cli: string; readonly shell: string }
const all = NPMS.flatMap((npm) => SHELLS.map((shell) => ({ ...npm, shell })))
const present = all.filter(({ cli, shell }) => existsSync(cli) && !isShellAbsent(shell))
const variants: Variant[] = isSmall
  ? present.filter(({ version, shell }) => version === '11' && shell === 'sh')
  : present

/**
 * The project in a folder of its own, because `npm start` builds it, and other tests run what is
 * built here.
 */
const projectFolder = (): string => {
  const folder = temporaryFolder()
  for (const name of ['package.json', 'src', 'scripts', 'drizzle'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

type Started = {
  readonly npm: ChildProcess
  readonly said: () => string
  readonly exit: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  /** Of npm's process group, which is its own, as under systemd: npm itself too. */
  pids(): number[]
}

const startNpm = (
  { cli, shell }: Variant,
  { script = 'start', env = {} }: { script?: string; env?: Record<string, string> } = {},
): Started => {
  const [cwd, home] = [projectFolder(), temporaryFolder()]
  const npm = spawn(process.execPath, [cli, 'run', script], {
    cwd,
    detached: true,
    env: {
      ...{
        PATH: process.env['PATH'],
        HOME: home,
        PORT: '0',
        HOST: '127.0.0.1',
        DATA_DIR: temporaryFolder(),
      },
      ...{ npm_config_script_shell: shell, npm_config_update_notifier: 'false', ...env },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [npm.stdout, npm.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said += text
    })
  const exit = once(npm, 'exit').then(([code, signal]) => ({ code, signal }))
  const group = npm.pid as number
  onTestFinished(() => {
    try {
      process.kill(-group, 'SIGKILL')
    } catch {} // all of them have ended
  })
  return { npm, said: () => said, exit, pids: () => pidsOf(group) }
}

/** The processes of a group that have not ended. */
const pidsOf = (group: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [state, , itsGroup] = readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')
        return Number(itsGroup) === group && state !== 'Z'
      } catch {
        return false // it has just ended
      }
    })
    .map(Number)

const portOf = async ({ said, exit }: Started): Promise<number> => {
  const port = () => / is at http:\/\/127\.0\.0\.1:(\d+)/.exec(said())?.[1]
  let ended = false
  exit.then(() => {
    ended = true
  })
  await until(() => port() !== undefined || ended)
  if (port() === undefined) throw new Error(`it ended before it was ready: ${said().slice(-2000)}`)
  return Number(port())
}

const isRefused = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  const outcome = await Promise.race([
    once(socket, 'connect').then(() => false),
    once(socket, 'error').then(() => true),
  ]).catch(() => true)
  socket.destroy()
  return outcome
}

/**
 * A request under way: the service has its headers; `finish` sends its body and answers what comes
 * back.
 */
const beginRequest = async (port: number) => {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  const body = '{"email":"a@example.org","password":"correct horse battery staple"}'
  const headers = [
    'Host: x',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Expect: 100-continue',
  ]
  socket.write(`POST /api/v1/auth/register HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`)
  await once(socket, 'data')
  return async (): Promise<string> => {
    socket.write(body)
    const [answer] = await Promise.race([
      once(socket, 'data'),
      once(socket, 'close').then(() => ['no answer']),
    ])
    return String(answer)
  }
}

/** How the service is ended; in a small run in the first two ways. npm passes on what it gets. */
const ways: Record<string, (started: Started) => void> = {
  'TERM to npm alone, as a supervisor sends it': ({ npm }) => void npm.kill('SIGTERM'),
  'INT to every process of the group, as Control-C sends it': ({ npm }) =>
    void process.kill(-(npm.pid as number), 'SIGINT'),
  'TERM to the service alone': ({ npm, pids }) => {
    for (const pid of pids().filter((pid) => pid !== npm.pid)) process.kill(pid, 'SIGTERM')
  },
  'TERM to every process of the group, as systemd sends it': ({ npm }) =>
    void process.kill(-(npm.pid as number), 'SIGTERM'),
  // PM2 walks the tree, children first, with INT.
  'INT to one process after the other, as PM2 sends it': ({ pids }) => {
    for (const pid of pids().toSorted((a, b) => b - a)) process.kill(pid, 'SIGINT')
  },
}

describe.each(variants)('npm $version, $shell', (variant) => {
  test.each(Object.entries(ways).slice(0, isSmall ? 2 : undefined))(
    '%s: the request under way is answered, npm exits with 0, no process is left',
    async (_name, end) => {
      const started = startNpm(variant)
      const port = await portOf(started)
      const finish = await beginRequest(port)
      end(started)
      await until(() => isRefused(port))
      expect(await finish()).toContain('HTTP/1.1 201')
      expect(await started.exit).toEqual({ code: 0, signal: null })
      expect(started.pids()).toEqual([])
    },
  )

  test('TERM to npm while it builds ends the build, and nothing starts', async () => {
    // The build stops at its beginning and says so.
    const stop = `if (process.argv[1]?.endsWith('build.ts')) { console.log('the build has begun'); await new Promise(() => setInterval(() => {}, 1000)) }`
    const started = startNpm(variant, {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(stop)}` },
    })
    await until(() => started.said().includes('the build has begun'))
    started.npm.kill('SIGTERM')
    const { code, signal } = await started.exit
    expect(signal ?? code).toSatisfy((outcome) => outcome === 'SIGTERM' || outcome === 143)
    expect(started.pids()).toEqual([])
    expect(started.said()).not.toContain(' is at http')
  })
})

const [npm] = variants
test.skipIf(isSmall || !npm).each(['start:bun', 'start:deno', 'dev'])(
  'npm run %s passes TERM on',
  async (script) => {
    const started = startNpm(npm as Variant, { script })
    const port = await portOf(started)
    started.npm.kill('SIGTERM')
    expect((await started.exit).code).toBe(0)
    await until(() => isRefused(port))
    expect(started.pids()).toEqual([])
  },
)
