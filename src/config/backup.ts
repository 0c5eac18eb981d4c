// Where backups of the database go, from the BACKUP_ variables.
import { parseDatabaseUrl } from '../db/connection-url.ts'
import { parseBackupUrl } from './backup-url.ts'
import type { Given } from './variables.ts'

/** A bucket behind an S3-compatible endpoint: objects are at `<endpoint>/<bucket>/<prefix>…`. */
export type S3Target = {
  readonly kind: 's3'
  /** Without a trailing slash. */
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  /** Empty, or with a slash at its end. */
  readonly prefix: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
}
type BackupTarget = S3Target | { readonly kind: 'file'; readonly path: string }
export type BackupConfig = {
  readonly target: BackupTarget
  /** Encrypts backups, if it is set. */
  readonly encryptionKey: string | undefined
  /**
   * Accepts backups that were made without the key: for the time in which an operator begins to use
   * one.
   */
  readonly acceptUnauthenticated: boolean
}

const REGION = 'us-east-1'
const KEYS = ['BACKUP_ACCESS_KEY_ID', 'BACKUP_SECRET_ACCESS_KEY'] as const
const BUCKET_ONLY = ['BACKUP_ENDPOINT', 'BACKUP_REGION', ...KEYS] as const

/**
 * The configuration of backups. Undefined if none are configured. If one variable is set, all are
 * needed: a missing one is a fault.
 */
export const backupOf = (given: Given, faults: string[]): BackupConfig | undefined => {
  const url = given.BACKUP_URL
  if (faults.some((line) => line.startsWith('BACKUP_URL '))) return undefined
  if (url === undefined) {
    for (const name of [
      ...BUCKET_ONLY,
      'BACKUP_ENCRYPTION_KEY',
      'BACKUP_ACCEPT_UNAUTHENTICATED',
    ] as const)
      if (given[name] !== undefined && given[name] !== false)
        faults.push(
          `${name} is set without BACKUP_URL, so nothing is backed up: set BACKUP_URL, or remove ${name}`,
        )
    return undefined
  }
  const database = parseDatabaseUrl(given.DATABASE_URL)
  if (!('refused' in database) && database.kind !== 'folder' && database.kind !== 'file')
    faults.push(
      'BACKUP_URL backs up a database in a file, and DATABASE_URL names a server, which has backups of its own: remove BACKUP_URL',
    )
  const { BACKUP_ENCRYPTION_KEY: encryptionKey, BACKUP_ACCEPT_UNAUTHENTICATED: accept } = given
  if (
    accept === true &&
    encryptionKey === undefined &&
    !faults.some((line) => line.startsWith('BACKUP_ENCRYPTION_KEY '))
  )
    faults.push(
      'BACKUP_ACCEPT_UNAUTHENTICATED is only for backups with BACKUP_ENCRYPTION_KEY, which is not set: set it, or remove BACKUP_ACCEPT_UNAUTHENTICATED',
    )
  const target = targetOf(url, given, faults)
  return target && { target, encryptionKey, acceptUnauthenticated: accept ?? false }
}

const targetOf = (url: string, given: Given, faults: string[]): BackupTarget | undefined => {
  const named = parseBackupUrl(url)
  if (named === undefined) return undefined
  if ('path' in named) {
    for (const name of BUCKET_ONLY)
      if (given[name] !== undefined)
        faults.push(`${name} is only for a bucket, and BACKUP_URL names a folder: remove ${name}`)
    return { kind: 'file', path: named.path }
  }
  for (const name of KEYS)
    if (given[name] === undefined)
      faults.push(
        `${name} is required where BACKUP_URL names a bucket: set it to that of a key for the bucket`,
      )
  const region = given.BACKUP_REGION ?? REGION
  const endpoint = given.BACKUP_ENDPOINT ?? `https://s3.${region}.amazonaws.com`
  const [accessKeyId, secretAccessKey] = [
    given.BACKUP_ACCESS_KEY_ID ?? '',
    given.BACKUP_SECRET_ACCESS_KEY ?? '',
  ]
  return { kind: 's3', endpoint, region, ...named, accessKeyId, secretAccessKey }
}
