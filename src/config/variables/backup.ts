// Backups of a database in a file.
import { z } from 'zod'
import { parseBackupUrl } from '../backup-url.ts'
import { anyText, onOff, secret, webUrl } from '../values.ts'
import { NONE, variable } from '../variable.ts'

export const backup = {
  BACKUP_URL: variable(
    NONE,
    z
      .string()
      .refine(
        (text) => parseBackupUrl(text) !== undefined,
        'is neither s3://bucket/prefix nor file:/path/to/folder',
      ),
    'Where backups of a database in a file go, and from where it is restored: `s3://bucket/prefix` for any S3-compatible store, or `file:/path/to/folder` for a mounted volume. Each database needs a prefix of its own. See [durability](deploy/durability.md).',
  ),
  BACKUP_ENDPOINT: variable(
    '`https://s3.$BACKUP_REGION.amazonaws.com`',
    webUrl,
    'The address of the store: `https://s3.hf.co/<namespace>`, `https://<account>.r2.cloudflarestorage.com`. Buckets are addressed in the path.',
  ),
  BACKUP_REGION: variable(
    '`us-east-1`',
    z.string().regex(/^[a-z0-9-]{1,40}$/, 'is not the name of a region'),
    'The region that requests are signed for.',
  ),
  BACKUP_ACCESS_KEY_ID: variable(
    NONE,
    anyText,
    'The access key of the bucket. Required where `BACKUP_URL` names a bucket.',
  ),
  BACKUP_SECRET_ACCESS_KEY: variable(NONE, secret(1, 'characters'), 'Its secret.'),
  BACKUP_ENCRYPTION_KEY: variable(
    NONE,
    secret(32, 'characters'),
    'At least 32 characters. Encrypts the backups (AES-256-GCM) and authenticates them: what was not made with it is refused. Without it the backups are worthless, so keep it somewhere else. Each database needs a key of its own. See [durability](deploy/durability.md#encrypted-backups).',
  ),
  BACKUP_ACCEPT_UNAUTHENTICATED: variable(
    '`off`',
    onOff,
    '`on` accepts backups that were made without `BACKUP_ENCRYPTION_KEY`, or by a version that did not authenticate them. Only for the first start after such a change: remove it when a backup has been made.',
  ),
} as const
