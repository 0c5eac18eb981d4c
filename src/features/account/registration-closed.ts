import { DomainError } from '../../core/errors.ts'

/** Nobody new gets in: neither by a password nor by an OpenID provider. */
export const closed = (): DomainError => new DomainError('closed', 'This server takes no new accounts.')
