import type { Config } from '../../config.ts'
import type { Ctx } from '../../core/context.ts'
import type { Identity } from '../../identity/identity.ts'

/** What the verbs of accounts need besides Ctx. Those that sign in look at no actor: there is none yet. */
export type AccountCtx = Ctx & { readonly identity: Identity; readonly registration: Config['registration'] }
