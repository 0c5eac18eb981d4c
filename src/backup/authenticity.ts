// The manifest carries a MAC, and names each backup with its SHA-256. So an attacker who can write to
// the bucket, but does not have BACKUP_ENCRYPTION_KEY, cannot make a manifest or a backup that this
// service accepts.
import type { BackupConfig } from '../config.ts'
import { bytesOfHex, hexOf } from './digest.ts'

/**
 * The key with which backups and the manifest are made, if any, and whether those that were made
 * without it are accepted.
 */
export type Trust = Pick<BackupConfig, 'encryptionKey' | 'acceptUnauthenticated'>

/** The manifest or a backup was not made with the key of this service. */
export class Unauthenticated extends Error {}

const EXCEPTION =
  'If you trust what is there, set BACKUP_ACCEPT_UNAUTHENTICATED=on until this service has made a backup'

/**
 * The part of a manifest that the MAC needs. `revision` is an id, a dot, and the MAC of the manifest
 * with that id alone as its `revision`.
 */
type Revised = { readonly revision: string }

/**
 * Adds the MAC, if there is a key. It is a part of `revision`, because earlier versions refuse a
 * manifest with a field that they do not know: during an upgrade the process of the earlier version
 * would not see that it has to hand over.
 */
export const withMac = async <T extends Revised>(
  manifest: T,
  { encryptionKey }: Trust,
): Promise<T> => {
  if (encryptionKey === undefined) return manifest
  const mac = await crypto.subtle.sign('HMAC', await macKeyOf(encryptionKey), bytesOf(manifest))
  return { ...manifest, revision: `${manifest.revision}.${hexOf(mac)}` }
}

/** Throws Unauthenticated if the manifest was not written with the key of this service. */
export const requireAuthentic = async (
  manifest: Revised,
  { encryptionKey, acceptUnauthenticated }: Trust,
): Promise<void> => {
  const dot = manifest.revision.indexOf('.')
  const [id, mac] =
    dot < 0
      ? [manifest.revision]
      : [manifest.revision.slice(0, dot), manifest.revision.slice(dot + 1)]
  if (encryptionKey === undefined) {
    if (mac === undefined) return
    throw new Unauthenticated(
      'manifest.json was written with a BACKUP_ENCRYPTION_KEY, and none is set: set it, or name another prefix in BACKUP_URL',
    )
  }
  if (acceptUnauthenticated) return
  if (mac === undefined)
    throw new Unauthenticated(
      `manifest.json was written without BACKUP_ENCRYPTION_KEY, by an earlier version, a service without the key, or an attacker. ${EXCEPTION}`,
    )
  if (!(await isMacOf({ ...manifest, revision: id }, mac, encryptionKey)))
    throw new Unauthenticated(
      `manifest.json was written with another BACKUP_ENCRYPTION_KEY, or changed by an attacker: set the key that it was written with. ${EXCEPTION}`,
    )
}

/** Throws Unauthenticated for a backup that is not encrypted, if there is a key. */
export const requireEncrypted = (
  backup: { encrypted: boolean; created_at: string },
  { encryptionKey, acceptUnauthenticated }: Trust,
): void => {
  if (backup.encrypted || encryptionKey === undefined || acceptUnauthenticated) return
  throw new Unauthenticated(
    `the backup of ${backup.created_at} is not encrypted, and BACKUP_ENCRYPTION_KEY is set: restore one that is (npm run restore -- --list). ${EXCEPTION}`,
  )
}

const bytesOf = (manifest: Revised) => new TextEncoder().encode(JSON.stringify(manifest))

const isMacOf = async (manifest: Revised, mac: string, encryptionKey: string): Promise<boolean> => {
  if (!/^[0-9a-f]{64}$/.test(mac)) return false
  return crypto.subtle.verify(
    'HMAC',
    await macKeyOf(encryptionKey),
    bytesOfHex(mac),
    bytesOf(manifest),
  )
}

/** Derives the key of the MAC. The keys that encrypt backups are derived differently. */
const macKeyOf = async (encryptionKey: string) => {
  const material = await crypto.subtle.importKey(
    'raw',
    new TextEncoder().encode(encryptionKey),
    'HKDF',
    false,
    ['deriveKey'],
  )
  const info = new TextEncoder().encode('taskport manifest')
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
  return crypto.subtle.deriveKey(
    derivation,
    material,
    { name: 'HMAC', hash: 'SHA-256', length: 256 },
    false,
    ['sign', 'verify'],
  )
}
