// What the commands around backups have in common: the configuration of the service, progress on a
// terminal, errors in a line.
import type { Bucket } from '../../src/backup/bucket.ts'
import type { Backup } from '../../src/backup/manifest.ts'
import type { BackupConfig, Config } from '../../src/config.ts'
import { ACCEPTING, backupRefusal, bucketOf } from '../../src/runtimes/node/backup/backups.ts'
import type { Given, Options, Program } from '../../src/runtimes/node/command-line.ts'
import type { FileTarget } from '../../src/runtimes/node/database-target.ts'
import { Refusal } from '../../src/runtimes/node/refusal.ts'
import { refusalText, runProgram } from './program.ts'
import { readSetting } from './service.ts'

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

/** Runs a program on the backups that the environment names. A dry run makes no folder. */
export const runOnBackups = <const O extends Options>(
  program: Program<O>,
  run: (setting: Setting, given: Given<O>) => Promise<void>,
): Promise<void> =>
  runProgram(
    program,
    async (given) => {
      const dry = (given.options as Readonly<Record<string, unknown>>)['dry-run'] === true
      const { config, target } = readSetting({ make: !dry })
      const { backup: backupConfig } = config
      if (backupConfig === undefined)
        throw new Refusal(
          'BACKUP_URL is not set: set it, and the other variables that the service is started with',
        )
      if (target.kind !== 'file')
        throw new Refusal('DATABASE_URL names a server, which has backups of its own')
      if (backupConfig.acceptUnauthenticated) console.error(`taskport: ${ACCEPTING}`)
      const bucket = bucketOf(backupConfig)
      try {
        await run({ config, backupConfig, target, bucket, say, done, size }, given)
      } catch (error) {
        throw backupRefusal(error, backupConfig)
      }
    },
    { explain },
  )

const explain = (thrown: unknown): string | undefined => {
  const text = refusalText(thrown)
  if (text !== undefined && process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  return text
}
