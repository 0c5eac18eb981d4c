import { describe, expect, test } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { faults } from './faults.ts'

describe('parseConfig', () => {
  describe('BACKUP_', () => {
    const keys = { BACKUP_ACCESS_KEY_ID: 'AKID', BACKUP_SECRET_ACCESS_KEY: 'hunter2' }
    const s3 = { kind: 's3', region: 'us-east-1', accessKeyId: 'AKID', secretAccessKey: 'hunter2' }

    test('names a bucket with or without a prefix, at AWS or elsewhere, or a folder', () => {
      const target = (env: Record<string, string>) => parseConfig(env).backup?.target
      expect(target({ ...keys, BACKUP_URL: 's3://copies' })).toEqual({
        ...s3,
        endpoint: 'https://s3.us-east-1.amazonaws.com',
        bucket: 'copies',
        prefix: '',
      })
      expect(
        target({
          ...keys,
          BACKUP_URL: 's3://copies/a/b.c/',
          BACKUP_ENDPOINT: 'https://s3.hf.co/me/',
          BACKUP_REGION: 'eu-west-1',
        }),
      ).toEqual({
        ...s3,
        endpoint: 'https://s3.hf.co/me',
        region: 'eu-west-1',
        bucket: 'copies',
        prefix: 'a/b.c/',
      })
      expect(target({ BACKUP_URL: 'file:/mnt/copies' })).toEqual({
        kind: 'file',
        path: '/mnt/copies',
      })
      expect(target({ BACKUP_URL: 'file:///mnt/my%20copies' })).toEqual({
        kind: 'file',
        path: '/mnt/my copies',
      })
      expect(
        parseConfig({ BACKUP_URL: 'file:x', BACKUP_ENCRYPTION_KEY: 'k'.repeat(32) }).backup,
      ).toMatchObject({
        ...{ encryptionKey: 'k'.repeat(32), acceptUnauthenticated: false },
      })
      const accepting = {
        BACKUP_URL: 'file:x',
        BACKUP_ENCRYPTION_KEY: 'k'.repeat(32),
        BACKUP_ACCEPT_UNAUTHENTICATED: 'on',
      }
      expect(parseConfig(accepting).backup?.acceptUnauthenticated).toBe(true)
    })

    test.each([
      'backups',
      's3://',
      's3://x',
      's3://copies/x y',
      's3://copies/../x',
      's3://copies/x/..',
      'https://s3.hf.co/me/backups',
      'file:',
      'file://host/path',
      'file:/a%zz',
    ])('refuses %s', (BACKUP_URL) => {
      expect(faults({ ...keys, BACKUP_URL })).toEqual([
        expect.stringMatching(/^BACKUP_URL is neither s3:.* nor file:/),
      ])
    })

    test('all of it or nothing, and never the secret', () => {
      expect(faults({ BACKUP_URL: 's3://copies' })).toEqual([
        'BACKUP_ACCESS_KEY_ID is required where BACKUP_URL names a bucket: set it to that of a key for the bucket',
        'BACKUP_SECRET_ACCESS_KEY is required where BACKUP_URL names a bucket: set it to that of a key for the bucket',
      ])
      const without = faults({ ...keys, BACKUP_ENCRYPTION_KEY: 'k'.repeat(32) })
      expect(without.map((line) => line.split(' ')[0])).toEqual([
        ...Object.keys(keys),
        'BACKUP_ENCRYPTION_KEY',
      ])
      expect(without.join()).not.toContain('hunter2')
      expect(faults({ ...keys, BACKUP_URL: 'file:/mnt/copies' })).toHaveLength(2)
      expect(faults({ BACKUP_URL: 'file:x', BACKUP_ACCEPT_UNAUTHENTICATED: 'on' })).toEqual([
        'BACKUP_ACCEPT_UNAUTHENTICATED is only for backups with BACKUP_ENCRYPTION_KEY, which is not set: set it, or remove BACKUP_ACCEPT_UNAUTHENTICATED',
      ])
      expect(faults({ BACKUP_ACCEPT_UNAUTHENTICATED: 'on' })).toEqual([
        'BACKUP_ACCEPT_UNAUTHENTICATED is set without BACKUP_URL, so nothing is backed up: set BACKUP_URL, or remove BACKUP_ACCEPT_UNAUTHENTICATED',
      ])
      for (const DATABASE_URL of ['postgres://me@x/tasks', 'libsql://x', 'mysql://me@x/tasks'])
        expect(faults({ DATABASE_URL, BACKUP_URL: 'file:/mnt/copies' })).toEqual([
          'BACKUP_URL backs up a database in a file, and DATABASE_URL names a server, which has backups of its own: remove BACKUP_URL',
        ])
    })
  })
})
