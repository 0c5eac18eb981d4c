// What a schema makes of a request, and what it found wrong, as faults: a missing field, an unknown
// one, a value that does not fit.
import type { z } from 'zod'
import { DomainError, type Fault } from './errors.ts'
import { REQUIRED, say, sayOfParameter, UNKNOWN } from './messages.ts'

type Issue = z.core.$ZodIssue
/** What its parts are called, and those that an answer has but a request may not set. */
export type Names = {
  readonly part: 'field' | 'parameter'
  readonly readOnly?: ReadonlySet<string> | undefined
}

/** Faults that are listed; looking for more would cost more than it helps. */
export const MAX_FAULTS = 20

/** What the schema makes of a value. Throws `invalid` with the first faults. */
export const parse = <S extends z.ZodType>(
  schema: S,
  given: unknown,
  names: Names,
): z.output<S> => {
  const error = names.part === 'parameter' ? sayOfParameter : say
  const result = schema.safeParse(given, { error })
  if (result.success) return result.data
  throw unfit(faultsOf(result.error, names))
}

export const unfit = (faults: readonly Fault[]): DomainError =>
  new DomainError('invalid', 'The request does not fit; see errors.', faults)

/** The first twenty. */
export const faultsOf = (error: z.ZodError, names: Names): Fault[] => {
  const faults: Fault[] = []
  for (const issue of error.issues) {
    if (isMeasured(issue) && hasOtherType(error, issue)) continue
    faults.push(...faultsOfIssue(issue, names, []))
    if (faults.length >= MAX_FAULTS) break
  }
  return faults.slice(0, MAX_FAULTS)
}

/** What is no list has no number of items that could be wrong, too. */
const isMeasured = ({ code }: Issue): boolean => code === 'too_big' || code === 'too_small'
const hasOtherType = ({ issues }: z.ZodError, { path }: Issue): boolean =>
  issues.some((one) => one.code === 'invalid_type' && one.path.join('/') === path.join('/'))

const faultsOfIssue = (
  issue: Issue,
  names: Names,
  above: readonly (string | number)[],
): Fault[] => {
  const at = [...above, ...(issue.path as (string | number)[])]
  if (issue.code === 'unrecognized_keys')
    return issue.keys.slice(0, MAX_FAULTS).map((key) => ({
      ...unknownOf([...at, key], key, names),
      ...(issue.message !== UNKNOWN && { detail: issue.message }),
    }))
  const meant = issue.code === 'invalid_union' ? meantOf(issue) : undefined
  if (meant) return meant.flatMap((inner) => faultsOfIssue(inner, names, at))
  const named = issue.code === 'custom' ? (issue.params?.['code'] as string | undefined) : undefined
  return [
    { at, code: named ?? (isMissing(issue) ? 'required' : issue.code), detail: issue.message },
  ]
}

const unknownOf = (
  at: readonly (string | number)[],
  key: string,
  { part, readOnly }: Names,
): Fault => {
  if (at.length === 1 && readOnly?.has(key))
    return {
      at,
      code: 'read_only',
      detail: `${key.slice(0, 60)} is read-only: the service sets it. Leave it out.`,
    }
  return {
    at,
    code: 'unknown_field',
    detail: `There is no ${part} ${JSON.stringify(key.slice(0, 60))} here.`,
  }
}

const isMissing = ({ message }: Issue): boolean => message === REQUIRED

/**
 * Of several forms the one that was meant: the only one that has all the fields that are there, and
 * no others.
 */
const meantOf = ({ errors }: z.core.$ZodIssueInvalidUnion): readonly Issue[] | undefined => {
  const [meant, ...others] = errors.filter(
    (issues) => !issues.some((issue) => issue.code === 'unrecognized_keys' || isMissing(issue)),
  )
  return others.length === 0 ? meant : undefined
}

/** Does a schema take a list, whatever is around it? */
export const isList = (schema: unknown): boolean => {
  let inner = schema as { _zod: { def: { type: string; innerType?: unknown; in?: unknown } } }
  for (let depth = 0; depth < 8; depth++) {
    const { type, innerType, in: input } = inner._zod.def
    if (type === 'array') return true
    const next = innerType ?? input
    if (next === undefined) return false
    inner = next as typeof inner
  }
  return false
}
