import type { Config } from '../config.ts'
import type { Alarm } from '../core/alarm.ts'
import type { Broadcast, Figures } from '../core/broadcast.ts'
import type { Clock } from '../core/clock.ts'
import type { Contention } from '../core/contention.ts'
import type { Chunking } from '../core/context.ts'
import type { FairQueue } from '../core/fair-queue.ts'
import type { Ids } from '../core/ids.ts'
import type { JobReport, JobRuns } from '../core/job-runs.ts'
import type { Log } from '../core/log.ts'
import type { Database } from '../db/database.ts'
import type { Credentials } from '../features/account/credentials/credentials.ts'
import type { OpenId } from '../features/account/openid/openid.ts'
import type { FiringCounts } from '../features/reminders/index.ts'
import type { Streams } from '../features/sync/index.ts'
import type { WebhookParts } from '../features/webhooks/index.ts'
import type { PeerOf } from './address.ts'
import type { ReceiveBody } from './body.ts'
import type { BodyBudget } from './body-budget.ts'
import type { Limits } from './limits.ts'
import type { Meters } from './meters.ts'
import type { Observation } from './observation.ts'
import type { SignInLimits } from './sign-in-limits.ts'
import type { Content, Static } from './static-content.ts'

/**
 * What becomes of the data when the process is started anew somewhere: kept, or lost, and why, in a
 * sentence for people.
 */
export type Durability = { readonly kind: 'durable' | 'ephemeral'; readonly reason: string }

/** The backups of a database that backs itself up. Times in milliseconds, instants since the epoch. */
export type BackupStatus = {
  readonly last:
    | {
        readonly at: number
        readonly bytes: number
        readonly duration: number
        readonly encrypted: boolean
      }
    | undefined
  /** How much of the last writes a kill may cost; undefined where nothing bounds it. */
  readonly lossBound: number | undefined
  /** How long ago the oldest write was that no backup holds. */
  readonly unsavedFor: number | undefined
  readonly failures: number
  /** Did the last attempt fail? */
  readonly failing: boolean
  /** Backups that this process has made. */
  readonly count: number
  /** May this process write, or is it handing over? */
  readonly writing: boolean
}

/** What there is to say about this service to anybody: no host, no path. */
export type About = {
  readonly version: string
  /** The revision of the source, where it is known. */
  readonly commit?: string | undefined
  /** The platform and its version, as in `node 24.21.0`. */
  readonly runtime: string
  /** The database, as in `libSQL file`. */
  readonly engine: string
  /** Of the place of the database, without its backups. */
  readonly durability: Durability
  readonly backups?: () => Promise<BackupStatus>
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

/** The files that the pages load, by their names. */
export type Assets = (name: string) => Content | undefined

/** The parts that everything is made of. */
export type Deps = {
  readonly config: Config
  readonly db: Database
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  /** Notes what was answered, in the log and for the metrics. */
  readonly observation: Observation
  /** Undefined where METRICS_TOKEN is not set: nothing is counted then. */
  readonly meters: Meters | undefined
  /** What the platform knows of this process, for the metrics. */
  readonly processFigures: () => Figures
  readonly contention: Contention
  readonly credentials: Credentials
  /** Undefined where no OpenID provider is configured. */
  readonly openid: OpenId | undefined
  readonly limits: Limits
  readonly signInLimits: SignInLimits
  /**
   * Where long work of the users waits for its turn; undefined where a request must not wait for
   * another one.
   */
  readonly longReadQueue: FairQueue | undefined
  readonly broadcast: Broadcast
  /** The streams of this process; undefined where it can keep none. */
  readonly grown: Streams | undefined
  /** Wakes what fires reminders. */
  readonly alarm: Alarm
  /** What was fired by this process, for the metrics. */
  readonly firings: FiringCounts
  /** What sends webhooks. */
  readonly webhooks: WebhookParts & {
    /** Something may have happened that is to be sent. */
    wake(): void
    /** Milliseconds after which it is looked for what to send, at the latest. */
    readonly every: number
    /** Is called where this process, or another one of the service, may have something to send. */
    hear(listener: () => void): void
  }
  /** The runs of jobs in this process. */
  readonly jobs: JobRuns
  /** What the process that runs the jobs knows of them. */
  readonly jobReports: () => Promise<readonly JobReport[]>
  /** How large changes are cut into chunks. */
  readonly bulk: Chunking
  /** Does work that goes on behind the answer to a request. */
  readonly background: (work: () => Promise<void>) => void
  readonly peerOf: PeerOf
  readonly bodies: BodyBudget
  /** Undefined where bodies are read as the Fetch standard has it. */
  readonly receiveBody: ReceiveBody | undefined
  readonly about: About
  readonly assets: Assets
  /** Answers with content that never changes, compressed as clients want it. */
  readonly asStatic: (content: Content) => Static
  /** Does the database answer, and has it had every migration of this version? Never throws. */
  readiness(): Promise<boolean>
}
