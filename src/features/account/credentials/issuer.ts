import { fixedSetting } from '../../../core/settings.ts'
import type { Database } from '../../../db/database.ts'

/**
 * The `iss` of our tokens, decided at the first boot and kept: `proposed`, else a URN of a random
 * UUID. A later change of address must not end every session.
 */
export const fixedIssuer = (db: Database, proposed: string | undefined): Promise<string> =>
  fixedSetting(db, 'issuer', () => proposed ?? `urn:taskport:${crypto.randomUUID()}`)
