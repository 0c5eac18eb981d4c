// What a schema found wrong with a request, as faults: a missing field, an unknown one, a value
// that does not fit.
import type { z } from 'zod'
import type { Fault } from '../core/errors.ts'
import { REQUIRED, UNKNOWN } from './messages.ts'
import { MAX_FAULTS } from './problem.ts'

type Issue = z.core.$ZodIssue
/** What its parts are called, and those that an answer has but a request may not set. */
export type Names = {
  readonly part: 'field' | 'parameter'
  readonly readOnly?: ReadonlySet<string> | undefined
}

/** The first twenty. */
export const faultsOf = (error: z.ZodError, names: Names): Fault[] => {
  const faults: Fault[] = []
  for (const issue of error.issues) {
    faults.push(...faultsOfIssue(issue, names, []))
    if (faults.length >= MAX_FAULTS) break
  }
  return faults.slice(0, MAX_FAULTS)
}

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
