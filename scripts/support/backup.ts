// What the commands around backups have in common: the configuration of the service, progress on a
// terminal, errors in a line.
import type { Bucket } from '../../src/backup/bucket.ts'
import type { Backup } from '../../src/backup/manifest.ts'
import { type BackupConfig, type Config, ConfigError, parseConfig } from '../../src/config.ts'
import { ACCEPTING, backupRefusal, bucketOf } from '../../src/runtimes/node/backup/backups.ts'
import { type FileTarget, findDatabaseTarget } from '../../src/runtimes/node/database-target.ts'
import { makePrivately } from '../../src/runtimes/node/filesystem.ts'
import { Refusal } from '../../src/runtimes/node/refusal.ts'

export class Usage extends Error {}
const EXIT_USAGE = 2

export type Setting = {
  readonly config: Config
  readonly backupConfig: BackupConfig
  readonly target: FileTarget
  readonly bucket: Bucket
  /**
   * What is being done: on a terminal in one line that is written over, elsewhere in a line each.
   */
  say(what: string): void
  /** A result, on standard output. */
  done(line: string): void
  size(bytes: number): string
}

const number = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })
const size = (bytes: number): string =>
  bytes < 1e6
    ? `${number.format(bytes / 1e3)} kB`
    : bytes < 1e9
      ? `${number.format(bytes / 1e6)} MB`
      : `${number.format(bytes / 1e9)} GB`

const began = performance.now()
const say = (what: string): void => {
  const line = `${what}, ${Math.round((performance.now() - began) / 1000)} s`
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
  else console.error(line)
}
const done = (line: string): void => {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  console.log(line)
}

/** Says how far a download is, at every tenth. */
export const downloading = ({ say }: Setting, backup: Backup) => {
  let tenth = -1
  return (bytes: number): void => {
    const now = Math.floor((bytes / backup.bytes) * 10)
    if (now === tenth) return
    tenth = now
    say(`downloading: ${Math.min(100, now * 10)} % of ${size(backup.bytes)}`)
  }
}

/**
 * Runs a command on the backups that the environment names. What it refuses is a line on standard
 * error, and 1.
 */
export const attempt = async (command: (setting: Setting) => Promise<void>): Promise<void> => {
  try {
    makePrivately()
    const config = parseConfig(process.env)
    const { backup: backupConfig } = config
    if (backupConfig === undefined)
      throw new Refusal('BACKUP_URL is not set: set it, and what else the service is started with')
    const target = findDatabaseTarget(config)
    if (target.kind !== 'file')
      throw new Refusal('DATABASE_URL names a server, which has backups of its own')
    if (backupConfig.acceptUnauthenticated) console.error(`taskport: ${ACCEPTING}`)
    await command({ config, backupConfig, target, bucket: bucketOf(backupConfig), say, done, size })
  } catch (thrown) {
    const error = backupRefusal(thrown)
    const foreseen =
      error instanceof ConfigError || error instanceof Refusal || error instanceof Usage
    if (!foreseen) throw error
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    for (const line of error.message.split('\n')) console.error(`taskport: ${line}`)
    process.exitCode = error instanceof Usage ? EXIT_USAGE : 1
  }
}
