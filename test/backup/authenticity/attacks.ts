// What an attacker may write to the bucket, and why the start refuses it.
import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MANIFEST } from '../../../src/backup/manifest.ts'
import {
  manifestIn,
  newestIn,
  ofAnotherKey,
  ofNoKey,
  read,
  replaceBy,
  replaceNewest,
  rewrite,
  sibling,
  withoutMac,
} from './prefixes.ts'

const DAMAGED = /manifest\.json in the bucket is damaged/
export const NO_MAC =
  /manifest\.json was written without BACKUP_ENCRYPTION_KEY, .*set BACKUP_ACCEPT_UNAUTHENTICATED=on/
const WRONG_MAC =
  /manifest\.json was written with another BACKUP_ENCRYPTION_KEY, or changed by an attacker: .*BACKUP_ACCEPT_UNAUTHENTICATED=on/
const OTHER_BYTES = /the backup of .* is damaged in the bucket, or on its way from there/

type Attack = (bucket: string, firstManifest: Buffer) => void | Promise<void>
/** A backup of the attacker's own database. */
export const theirs = async (): Promise<Buffer> => {
  const { bucket } = await ofNoKey()
  return read(bucket, newestIn(bucket).key)
}
export const plainKey = (bucket: string) => newestIn(bucket).key.replace(/\.enc$/, '')
export const attacks: Record<string, [Attack, RegExp]> = {
  'other bytes in the place of the backup': [
    (bucket) => writeFileSync(join(bucket, newestIn(bucket).key), 'x'),
    OTHER_BYTES,
  ],
  'an older backup in the place of the newest': [
    (bucket) => {
      const [older, newer] = manifestIn(bucket).copies.slice(-2)
      cpSync(join(bucket, older.key), join(bucket, newer.key))
    },
    OTHER_BYTES,
  ],
  'a backup of another database with the same key': [
    async (bucket) => {
      const { bucket: other } = await sibling()
      writeFileSync(join(bucket, newestIn(bucket).key), read(other, newestIn(other).key))
    },
    OTHER_BYTES,
  ],
  'a backup that is not encrypted, named in the manifest': [
    async (bucket) =>
      replaceNewest(bucket, await theirs(), { key: plainKey(bucket), encrypted: false }),
    WRONG_MAC,
  ],
  'the same, and no MAC': [
    async (bucket) => {
      replaceNewest(bucket, await theirs(), { key: plainKey(bucket), encrypted: false })
      rewrite(bucket, withoutMac)
    },
    NO_MAC,
  ],
  'a backup that is not encrypted under the key of one that is': [
    async (bucket) => replaceNewest(bucket, await theirs(), { encrypted: false }),
    DAMAGED,
  ],
  'the manifest and the backups of a database without a key': [
    async (bucket) => replaceBy(bucket, (await ofNoKey()).bucket),
    NO_MAC,
  ],
  'the manifest and the backups of a database with another key': [
    async (bucket) => replaceBy(bucket, (await ofAnotherKey()).bucket),
    WRONG_MAC,
  ],
  'the two last backups exchanged in the manifest': [
    (bucket) =>
      rewrite(
        bucket,
        ({
          copies: [
            first,
            { sha256, bytes, ...second },
            { sha256: lastSum, bytes: lastBytes, ...last },
          ],
          ...rest
        }) => ({
          ...rest,
          copies: [
            first,
            { ...second, sha256: lastSum, bytes: lastBytes },
            { ...last, sha256, bytes },
          ],
        }),
      ),
    WRONG_MAC,
  ],
  'the last backup left out of the manifest': [
    (bucket) =>
      rewrite(bucket, ({ copies, ...rest }) => ({ ...rest, copies: copies.slice(0, -1) })),
    WRONG_MAC,
  ],
  'no MAC': [(bucket) => rewrite(bucket, withoutMac), NO_MAC],
  'an empty MAC': [
    (bucket) =>
      rewrite(bucket, (manifest) => ({
        ...manifest,
        revision: `${manifest.revision.split('.')[0]}.`,
      })),
    WRONG_MAC,
  ],
  'more behind the MAC': [
    (bucket) =>
      rewrite(bucket, (manifest) => ({ ...manifest, revision: `${manifest.revision}.x` })),
    WRONG_MAC,
  ],
  'the MAC of another manifest': [
    (bucket, first) =>
      rewrite(bucket, (manifest) => ({
        ...manifest,
        revision: JSON.parse(String(first)).manifest.revision,
      })),
    WRONG_MAC,
  ],
  'a manifest that claims another writer': [
    (bucket) => rewrite(bucket, (manifest) => ({ ...manifest, writer: 'me', released: false })),
    WRONG_MAC,
  ],
  'an older manifest, which is authentic': [
    (bucket, first) => writeFileSync(join(bucket, MANIFEST), first),
    /manifest\.json is older than the backups beside it/,
  ],
  'a manifest of another database with the same key': [
    async (bucket) => replaceBy(bucket, (await sibling()).bucket),
    /the backups there are of another database than the one on this disk/,
  ],
  ...Object.fromEntries(
    [
      '../secret.db.gz',
      'copies/../../secret.db.gz.enc',
      '/etc/passwd',
      'orphans/00000001-12345678.db.gz.enc',
      `${'copies/00000002-00000003-12345678.db.gz'}\0.enc`,
    ].map((key): [string, [Attack, RegExp]] => [
      `the key ${JSON.stringify(key)}`,
      [
        (bucket) =>
          rewrite(bucket, (manifest) => ({
            ...manifest,
            copies: [...manifest.copies.slice(0, -1), { ...manifest.copies.at(-1), key }],
          })),
        DAMAGED,
      ],
    ]),
  ),
}
