import type { Ctx } from '../../../core/context.ts'
import type { Credentials } from '../credentials/credentials.ts'

/** What the verbs of API keys need besides Ctx. */
export type ApiKeyCtx = Ctx & {
  readonly credentials: Pick<Credentials, 'forget'>
  /** May users of other issuers make keys? */
  readonly externalApiKeys: boolean
}
