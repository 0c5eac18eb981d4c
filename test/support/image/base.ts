// A stand-in for the base image, where no registry is at hand: Debian's smallest system, this Node,
// npm and the user node.
import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { runToEnd } from '../servers/process.ts'
import type { Engine } from './engine.ts'

/** A command of this machine. */
export const find = (name: string): string | undefined =>
  [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path))

export const BASE = 'docker.io/library/node:24-slim'
export const CACHE = join(import.meta.dirname, '../../../.cache/image')

const RECIPE = `FROM scratch
ADD base.tar /
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && groupadd --gid 1000 node && useradd --uid 1000 --gid node --create-home node
CMD ["node"]
`

/** Makes the stand-in, unless it is there with this Node already. */
export const provideBase = async ({
  build,
  client: [command, ...options],
}: Pick<Engine, 'build' | 'client'>): Promise<void> => {
  const made = `localhost/taskport-stand-in:${process.version}`
  const missing = await Promise.all(
    [BASE, made].map((tag) =>
      runToEnd(command, [...options, 'image', 'exists', tag]).then(
        () => false,
        () => true,
      ),
    ),
  )
  if (!missing.includes(true)) return
  const folder = mkdtempSync(join(tmpdir(), 'taskport-base-'))
  try {
    cpSync(await smallestSystem(), join(folder, 'base.tar'))
    const npm = realpathSync(find('npm') ?? '/usr/bin/npm') // …/npm/bin/npm-cli.js
    cpSync(join(npm, '../..'), join(folder, 'npm'), { recursive: true })
    cpSync(realpathSync(process.execPath), join(folder, 'node'))
    writeFileSync(join(folder, 'Dockerfile'), RECIPE)
    await build(folder, BASE)
    await runToEnd(command, [...options, 'tag', BASE, made])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A tar of the smallest Debian, of this machine's release, kept for the next time. */
const smallestSystem = async (): Promise<string> => {
  const [tar, unfinished] = [join(CACHE, 'base.tar'), join(CACHE, 'unfinished.tar')]
  if (existsSync(tar)) return tar
  mkdirSync(CACHE, { recursive: true })
  const release =
    /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable'
  await runToEnd('mmdebstrap', [
    '--variant=minbase',
    '--include=ca-certificates,libstdc++6',
    release,
    unfinished,
  ])
  renameSync(unfinished, tar)
  return tar
}

const AUTHORITIES = '/run/taskport-authorities.pem'

/**
 * What npm inside a build needs of this machine: where packages come from, and the certificates
 * that are trusted. Mounts, as `here:there`. Nothing else of its configuration goes there: it may
 * hold tokens.
 */
export const npmConfiguration = (): string[] => {
  mkdirSync(CACHE, { recursive: true })
  const npmrc = join(CACHE, 'npmrc')
  const authorities = [process.env['NODE_EXTRA_CA_CERTS'], process.env['SSL_CERT_FILE']].find(
    (path) => path && existsSync(path),
  )
  const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim()
  writeFileSync(
    npmrc,
    [`registry=${registry}`, ...(authorities ? [`cafile=${AUTHORITIES}`] : []), ''].join('\n'),
  )
  return [
    `${npmrc}:/root/.npmrc`,
    ...(authorities ? [`${realpathSync(authorities)}:${AUTHORITIES}`] : []),
  ]
}
