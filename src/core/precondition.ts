import { DomainError, stale } from './errors.ts'
import { isId } from './ids.ts'

/** The revisions that the caller accepts: any, `*`, or one of a list. */
export type Revisions = undefined | '*' | readonly string[]

/** Throws `precondition_failed` if the revision of the thing is none of these. */
export const expectRevision = (
  what: string,
  named: Revisions,
  { rev }: { readonly rev: string },
): void => {
  if (named === undefined || named === '*' || named.includes(rev)) return
  if (named.some(isId)) throw stale(what)
  throw new DomainError(
    'precondition_failed',
    `The ${what} has changed since the revision that you named, or it is not a revision: that is the ETag as it was answered. Read it again.`,
  )
}
