import { stale } from './errors.ts'

/** The revisions that the caller will change: any, `*`, or one of a list. */
export type Revisions = undefined | '*' | readonly string[]

/** Throws `stale` when the thing is at none of the revisions that the caller named. */
export const expectRevision = (what: string, named: Revisions, { rev }: { readonly rev: string }): void => {
  if (named !== undefined && named !== '*' && !named.includes(rev)) throw stale(what)
}
