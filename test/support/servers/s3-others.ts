// S3 servers that others have made, where this machine has them (.ci/install at full size gets
// them).
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AwsV4Signer } from 'aws4fetch'
import { type Absent, freePort, scratch, startServer } from './process.ts'

const KEYS = { accessKeyId: 'AKIDTEST', secretAccessKey: 'the-secret-of-the-test' }
const BUCKET = 'copies'
const CACHE = join(import.meta.dirname, '../../../.cache')

export type OtherS3 = {
  readonly url: string
  env(url: string): Record<string, string>
  stop(): Promise<void>
}

/** `args` for a port and a folder. */
type Kind = { readonly binary: string; args(port: number, folder: string): string[] }
const kinds: Readonly<Record<string, Kind>> = {
  versitygw: {
    binary: join(CACHE, 'bin/versitygw'),
    args: (port, folder) => [
      ...[
        '--port',
        `127.0.0.1:${port}`,
        '--access',
        KEYS.accessKeyId,
        '--secret',
        KEYS.secretAccessKey,
        '--quiet',
      ],
      ...['posix', join(folder, 'objects')],
    ],
  },
  moto: {
    binary: join(CACHE, 'moto/bin/moto_server'),
    args: (port) => ['-H', '127.0.0.1', '-p', String(port)],
  },
}

export const otherS3 = Object.keys(kinds)

const absenceOf = (name: string, { binary }: Kind): Absent | undefined =>
  existsSync(binary)
    ? undefined
    : {
        absent: `${name}: .ci/install puts it into .cache at full size, where there are Go and Python`,
      }

/** Those that this machine does not have. */
export const absentS3 = Object.entries(kinds).flatMap(([name, kind]) => absenceOf(name, kind) ?? [])

/** Starts it, with a bucket. */
export const startOtherS3 = async (name: string): Promise<OtherS3 | Absent> => {
  const kind = kinds[name] as Kind
  const absence = absenceOf(name, kind)
  if (absence) return absence
  const { binary, args } = kind
  const [folder, port] = [await scratch('s3'), await freePort()]
  await mkdir(join(folder, 'objects'))
  const stop = await startServer(binary, args(port, folder), { port, folder, as: {} })
  const url = `http://127.0.0.1:${port}`
  const signed = await new AwsV4Signer({
    ...KEYS,
    method: 'PUT',
    url: `${url}/${BUCKET}`,
    service: 's3',
    region: 'us-east-1',
  }).sign()
  const made = await fetch(signed.url, { method: 'PUT', headers: signed.headers })
  if (!made.ok) throw new Error(`${name} makes no bucket: ${made.status} ${await made.text()}`)
  const env = (at: string) => ({
    BACKUP_URL: `s3://${BUCKET}/some/where`,
    BACKUP_ENDPOINT: at.replace(/\/$/, ''),
    BACKUP_ACCESS_KEY_ID: KEYS.accessKeyId,
    BACKUP_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  })
  return { url, env, stop }
}
