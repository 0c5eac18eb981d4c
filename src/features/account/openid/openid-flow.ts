// What a browser keeps, sealed, from the start of a sign-in until it comes back from the provider.
import { type Clock, isOpen } from '../../../core/clock.ts'
import { createSealer, isSealed } from '../../../core/encryption.ts'
import { randomText } from '../../../core/secrets.ts'
import { fixedSetting } from '../../../core/settings.ts'
import type { Database } from '../../../db/database.ts'

/** Seconds that a sign-in at the provider may take. */
export const FLOW_SECONDS = 600

/**
 * What a sign-in at the provider is for: to get a session, to link an identity, or to prove who is
 * asking for something grave.
 */
export const PURPOSES = ['sign-in', 'link', 'prove'] as const
export type Purpose = (typeof PURPOSES)[number]

export type Flow = {
  /**
   * RFC 6749, 10.12; OpenID Connect Core, 3.1.2.1; RFC 7636: what binds the provider's answer to
   * this browser and to us.
   */
  readonly state: string
  readonly nonce: string
  readonly verifier: string
  /** The S256 challenge of the client that opened the sign-in here. */
  readonly challenge: string
  readonly purpose: Purpose
}

export type Flows = {
  seal(flow: Flow): Promise<string>
  /** Undefined for what is too old, or was not sealed here. */
  open(sealed: string): Promise<Flow | undefined>
}

const NAME = 'sign-in'

/**
 * Flows are kept by browsers and not in the database, so that clients that have not signed in
 * cannot fill it. Their key is in the database, for all processes: the client's secret may be
 * short, and the holder of a cookie could guess it.
 */
export const createFlows = async (db: Database, clock: Clock): Promise<Flows> => {
  const sealer = await createSealer(
    await fixedSetting(db, 'sign_in_key', randomText),
    'taskport sign-in',
  )
  return {
    seal: (flow) =>
      sealer.seal(NAME, JSON.stringify({ ...flow, until: clock.now() + FLOW_SECONDS * 1000 })),
    open: async (sealed) => {
      const text = isSealed(sealed) ? await sealer.open(NAME, sealed) : undefined
      if (text === undefined) return undefined
      const { until, ...flow } = JSON.parse(text) as Flow & { until: number }
      return isOpen(FLOW_SECONDS * 1000, until, clock.now()) ? flow : undefined
    },
  }
}
