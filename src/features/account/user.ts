import type { User } from './schemas.ts'
import type { UserWithPassword } from './store.ts'

/** A user as others may see it. */
export const shown = ({ passwordHash: _secret, ...user }: UserWithPassword): User => user
