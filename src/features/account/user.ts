import { storedZone } from '../../core/time-zones.ts'
import type { User } from './schemas.ts'
import type { UserWithPassword } from './store.ts'

/** A user without what is secret. */
export const withoutSecret = ({ passwordHash: _secret, ...user }: UserWithPassword): User => user

/** A user as others may see it. */
export const shown = (user: UserWithPassword): User => withKnownZone(withoutSecret(user))

/** A time zone that this runtime does not know is shown as what it is read as: UTC. */
export const withKnownZone = <U extends Pick<User, 'time_zone'>>(user: U): U => ({
  ...user,
  time_zone: storedZone(user.time_zone),
})
