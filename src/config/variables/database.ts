// The database.
import { z } from 'zod'
import { parseDatabaseUrl } from '../../db/connection-url.ts'
import { anyText, secret, whole } from '../values.ts'
import { NONE, variable } from '../variable.ts'

const databaseUrl = z.string().superRefine((text, issues) => {
  const location = parseDatabaseUrl(text)
  if ('refused' in location)
    issues.addIssue({ code: 'custom', message: location.refused, params: { complete: true } })
})

export const database = {
  DATA_DIR: variable(
    '`/data` or `./data`',
    anyText,
    'The folder of the embedded database. Without it: of `/data` and `./data` the one that holds `taskport.db`; else the first that can be written to; else a temporary folder, whose data is lost at a restart. Network and FUSE file systems are refused: they corrupt a live database.',
  ),
  DATABASE_URL: variable(
    'embedded file',
    databaseUrl,
    'The database. Without it: `taskport.db` in the data folder. [What it can be](#database_url), and the parameters that it takes.',
  ),
  DATABASE_AUTH_TOKEN: variable(
    NONE,
    secret(1, 'characters'),
    'The token of a libSQL server or Turso, so that it does not have to stand in `DATABASE_URL` (as `authToken`).',
  ),
  DATABASE_POOL_SIZE: variable(
    '`10`',
    whole(1, 1_000),
    'Connections to a database server at most, per process: with `WORKERS` each of them has so many.',
  ),
  DISK_RESERVE: variable(
    '`64`; a quarter of a smaller disk',
    whole(0, 1_000_000),
    'MiB of the disk that a database in a file leaves free. With less, nothing new is stored (507, `storage_full`); deleting and signing in go on. See [a disk that fills](operating.md#a-disk-that-fills).',
  ),
  DATABASE_SIZE_LIMIT: variable(
    NONE,
    whole(1, 1_000_000_000),
    'MiB that a database in a file may hold before nothing new is stored, where the disk is not to be used up, or does not tell how much of it may be used.',
  ),
} as const
