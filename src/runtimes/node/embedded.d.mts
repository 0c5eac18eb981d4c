// The types of the package, beside the bundle of embedded.ts. A test holds them against it.
import type { Hono } from 'hono'

export type ServiceOptions = {
  /** The variables of docs/configuration.md; those of the process without it. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Where it is mounted, as in `/tasks`; at the root without it. */
  readonly basePath?: string
  /** Gets each line of the log, which is JSON. Nothing is logged without it. */
  readonly log?: (line: string) => void
}

export type Service = {
  /** All paths of the service. */
  readonly app: Hono
  /** Answers a request; the second argument is what the server knows of it. */
  fetch(request: Request, env?: object): Response | Promise<Response>
  /**
   * Makes the last backup, if backups are configured, and closes the database, within so many
   * milliseconds. Stop sending it requests before.
   */
  close(ms?: number): Promise<void>
}

/**
 * Opens the database, migrates it, and makes the service. It listens to nothing, handles no signal
 * and ends no process. Throws an error with a line for each fault of the configuration.
 */
export declare const createService: (options?: ServiceOptions) => Promise<Service>
