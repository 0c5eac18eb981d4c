// What the commands around copies have in common: the configuration of the service, progress on a
// terminal, errors in a line.
import type { Bucket } from '../../src/backup/bucket.ts'
import type { Copy } from '../../src/backup/manifest.ts'
import { type BackupConfig, type Config, ConfigError, parseConfig } from '../../src/config.ts'
import { ACCEPTING, backupRefusal, bucketOf } from '../../src/runtimes/node/backup/copies.ts'
import { type FilePlace, findPlace } from '../../src/runtimes/node/database-target.ts'
import { makePrivately } from '../../src/runtimes/node/filesystem.ts'
import { Refusal } from '../../src/runtimes/node/refusal.ts'

export class Usage extends Error {}
const EXIT_USAGE = 2

export type Setting = {
  readonly config: Config
  readonly backup: BackupConfig
  readonly place: FilePlace
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
export const downloading = ({ say }: Setting, copy: Copy) => {
  let tenth = -1
  return (bytes: number): void => {
    const now = Math.floor((bytes / copy.bytes) * 10)
    if (now === tenth) return
    tenth = now
    say(`downloading: ${Math.min(100, now * 10)} % of ${size(copy.bytes)}`)
  }
}

/**
 * Runs a command on the copies that the environment names. What it refuses is a line on standard
 * error, and 1.
 */
export const attempt = async (command: (setting: Setting) => Promise<void>): Promise<void> => {
  try {
    makePrivately()
    const config = parseConfig(process.env)
    const { backup } = config
    if (backup === undefined)
      throw new Refusal('BACKUP_URL is not set: set it, and what else the service is started with')
    const place = findPlace(config)
    if (place.kind !== 'file')
      throw new Refusal('DATABASE_URL names a server, which has backups of its own')
    if (backup.acceptUnauthenticated) console.error(`taskport: ${ACCEPTING}`)
    await command({ config, backup, place, bucket: bucketOf(backup), say, done, size })
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
