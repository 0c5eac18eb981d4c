import { DomainError } from '../../core/errors.ts'

/** Registration is closed: no new account, by a password or by an OpenID provider. */
export const closed = (): DomainError =>
  new DomainError('registration_closed', 'This server takes no new accounts.')
