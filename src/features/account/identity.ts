import type { IdentityRow } from './openid/identities.ts'
import type { LinkedIdentity } from './openid/schemas.ts'

/** An identity as its owner may see it. */
export const shownIdentity = ({
  id,
  issuer,
  subject,
  createdAt,
  lastUsedAt,
}: IdentityRow): LinkedIdentity => ({
  id,
  issuer,
  subject,
  created_at: createdAt,
  last_used_at: lastUsedAt,
})
