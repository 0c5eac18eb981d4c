// What builds and runs containers here: Docker where its engine runs, else Debian's buildah and
// podman.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { type Absent, runToEnd } from '../servers/process.ts'
import { BASE, CACHE, find, npmConfiguration, provideBase } from './base.ts'

export type Engine = {
  readonly name: string
  /** Builds the folder's Dockerfile and tags the result. Rejects with what the builder said. */
  build(
    folder: string,
    tag: string,
    buildArguments?: Readonly<Record<string, string>>,
  ): Promise<void>
  /** The command line that stands before `run`, `exec`, `image inspect` and so on. */
  readonly client: readonly [string, ...string[]]
  /** Options that `run` needs on this machine. */
  readonly runOptions: readonly string[]
}

const works = async (command: string, args: readonly string[]): Promise<boolean> =>
  runToEnd(command, args).then(
    () => true,
    () => false,
  )
const asOptions = (given: Readonly<Record<string, string>> = {}) =>
  Object.entries(given).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`])
const MORE = { maxBuffer: 64 * 1024 * 1024 }

export const findEngine = async (): Promise<Engine | Absent> =>
  (await works('docker', ['version']))
    ? docker
    : await podman().then(
        (engine) =>
          engine ?? {
            absent:
              'containers: install buildah, podman, runc and mmdebstrap (as root), or start Docker',
          },
        (error: Error) => ({
          absent: `containers: this machine does not let podman run any (${error.message.trim().split('\n').at(-1)})`,
        }),
      )

const docker: Engine = {
  name: 'Docker',
  client: ['docker'],
  runOptions: [],
  build: async (folder, tag, given) => {
    // A builder may fetch the base for itself only; what is on top of it is told by comparing.
    if (!(await works('docker', ['image', 'inspect', BASE])))
      await runToEnd('docker', ['pull', BASE], MORE)
    await runToEnd(
      'docker',
      ['build', '--network', 'host', '--tag', tag, ...asOptions(given), folder],
      MORE,
    )
  },
}

/**
 * Without a daemon, and without a registry: the base image is a stand-in that is made here. Rejects
 * where it cannot be run.
 */
const podman = async (): Promise<Engine | undefined> => {
  const runc = find('runc')
  if (
    process.getuid?.() !== 0 ||
    !find('buildah') ||
    !find('podman') ||
    !find('mmdebstrap') ||
    !runc
  )
    return undefined
  const driver = (await works('podman', [...storage('overlay'), 'info'])) ? 'overlay' : 'vfs'
  const client = ['podman', '--runtime', runc, ...storage(driver)] as const
  const build: Engine['build'] = async (folder, tag, given) => {
    const options = [
      '--isolation',
      'chroot',
      '--network',
      'host',
      '--pull-never',
      '--format',
      'docker',
    ]
    const mounts = npmConfiguration().flatMap((mount) => ['--volume', `${mount}:ro`])
    await runToEnd(
      'buildah',
      [...storage(driver), 'bud', ...options, ...mounts, ...asOptions(given), '--tag', tag, folder],
      MORE,
    )
    // those that have lost their tag to this one
    await runToEnd('podman', [...storage(driver), 'image', 'prune', '--force'])
  }
  const engine: Engine = { name: 'podman', client, runOptions: ownLimits(), build }
  await provideBase(engine)
  const [command, ...options] = client
  await runToEnd(command, [
    ...options,
    'run',
    '--rm',
    '--network',
    'host',
    '--cap-drop',
    'all',
    ...engine.runOptions,
    BASE,
    'node',
    '--version',
  ])
  return engine
}

const storage = (driver: string) => [
  '--root',
  join(CACHE, driver),
  '--runroot',
  join(CACHE, 'run'),
  '--storage-driver',
  driver,
]

const ENOUGH = 4_096
/**
 * podman gives each process its own default limits, which a machine may not allow: ones that this
 * process has are named instead.
 */
const ownLimits = (): string[] =>
  (['nofile', 'nproc'] as const).flatMap((name) => {
    const hard = Number(
      execFileSync('bash', ['-c', `ulimit -H ${name === 'nofile' ? '-n' : '-u'}`], {
        encoding: 'utf8',
      }),
    )
    const limit = Math.min(hard || ENOUGH, ENOUGH)
    return ['--ulimit', `${name}=${limit}:${limit}`]
  })
