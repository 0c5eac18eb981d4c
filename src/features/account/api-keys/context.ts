import type { Ctx } from '../../../core/context.ts'
import type { Identity } from '../credentials/authentication.ts'

/** What the verbs of API keys need besides Ctx. */
export type ApiKeyCtx = Ctx & {
  readonly identity: Pick<Identity, 'forget'>
  /** May users of other issuers make keys? */
  readonly externalApiKeys: boolean
}
