// The users of a change: who makes it (actor), whose it is (owner), who sees it (readers). They are
// one user wherever an account works on its own things. Each has a type of its own, so that one
// where another is meant does not compile; ids change their type in this file alone.
import type { AnyMySqlColumn } from 'drizzle-orm/mysql-core'
import type { Actor } from './context.ts'

declare const role: unique symbol
/** Does it: `created_by`, the log, the limits, fairness between users. */
export type ActorId = string & { readonly [role]: 'actor' }
/** Pays for it: has the counters, the bytes and the names of labels. */
export type OwnerId = string & { readonly [role]: 'owner' }
/** Sees it: gets the changes in the change log. */
export type ReaderId = string & { readonly [role]: 'reader' }

type Acting = { readonly actor: Pick<Actor, 'userId'> }

export const actorIdOf = ({ actor }: Acting): ActorId => actor.userId as ActorId
/** The user whose view a request reads. */
export const readerIdOf = ({ actor }: Acting): ReaderId => actor.userId as ReaderId
/**
 * The actor's account as the owner of what belongs to it by itself: labels, keys, receipts, new
 * projects, the inbox. The owner of anything else in a project is read together with it.
 */
export const accountIdOf = ({ actor }: Acting): OwnerId => actor.userId as OwnerId

/** The column of a row's owner, whose values are read as OwnerIds. */
export const ownerColumn = <C extends AnyMySqlColumn>(column: C) =>
  column as C & { readonly _: { readonly data: OwnerId } }

/** The column of a row's reader, whose values are read as ReaderIds. */
export const readerColumn = <C extends AnyMySqlColumn>(column: C) =>
  column as C & { readonly _: { readonly data: ReaderId } }

/** What an OwnerId is in one cell of a column of owners. */
export const ownerIdIn = (cell: unknown): OwnerId => cell as OwnerId

/** Whose something is, and all who see it: the owner is one of them. */
export type Parties = { readonly ownerId: OwnerId; readonly readerIds: readonly ReaderId[] }

/** The parties of what is in a project of this owner. The owner is its only reader. */
export const partiesOf = (ownerId: OwnerId): Parties => ({
  ownerId,
  readerIds: [ownerId as string as ReaderId],
})

/** The parties of what belongs to the actor's account itself. */
export const ownAccount = (ctx: Acting): Parties => partiesOf(accountIdOf(ctx))

/** Do two ids of any of these types name one user? */
export const isSameUser = (a: string, b: string): boolean => a === b
