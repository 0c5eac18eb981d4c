// Who may write to the bucket but does not have BACKUP_ENCRYPTION_KEY can make neither a manifest
// nor a copy that is accepted. The manifest carries a MAC, and names each copy with its SHA-256.
import type { BackupConfig } from '../config.ts'
import { bytesOfHex, hexOf } from './digest.ts'

/**
 * The key that copies and the manifest are made with, if any, and whether what was made without it
 * is accepted.
 */
export type Trust = Pick<BackupConfig, 'encryptionKey' | 'acceptUnauthenticated'>

/** What is in the bucket was not made with the key of this service. The message says what to do. */
export class Unauthenticated extends Error {}

const EXCEPTION =
  'If you trust what is there, set BACKUP_ACCEPT_UNAUTHENTICATED=on until this service has made a copy'

/**
 * A manifest, as far as its MAC is concerned: `revision` is an id, and behind a dot the MAC of all
 * the rest with that id.
 */
type Revised = { readonly revision: string }

/**
 * With its MAC, where there is a key. The MAC is part of `revision`, because earlier versions
 * refuse a manifest with a field that they do not know: during an upgrade the process of the
 * earlier version would not see that it has to hand over.
 */
export const withMac = async <T extends Revised>(
  manifest: T,
  { encryptionKey }: Trust,
): Promise<T> => {
  if (encryptionKey === undefined) return manifest
  const mac = await crypto.subtle.sign('HMAC', await macKeyOf(encryptionKey), bytesOf(manifest))
  return { ...manifest, revision: `${manifest.revision}.${hexOf(mac)}` }
}

/**
 * Throws Unauthenticated where the manifest was not written with the key, or there is no key to
 * tell.
 */
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

/** Throws Unauthenticated for a copy that is not encrypted, where there is a key. */
export const requireEncrypted = (
  copy: { encrypted: boolean; created_at: string },
  { encryptionKey, acceptUnauthenticated }: Trust,
): void => {
  if (copy.encrypted || encryptionKey === undefined || acceptUnauthenticated) return
  throw new Unauthenticated(
    `the copy of ${copy.created_at} is not encrypted, and BACKUP_ENCRYPTION_KEY is set: restore one that is (npm run restore -- --list). ${EXCEPTION}`,
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

/** Another key than those of the copies. */
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
