// The query of an operation as JSON has it.
import { isList } from '../../core/validation.ts'
import type { z } from '../../core/zod.ts'

type Queried = { readonly query?: z.ZodObject | undefined }

const isObject = (given: unknown): given is object =>
  typeof given === 'object' && given !== null && !Array.isArray(given)

/**
 * A query as a URL would say it: numbers and booleans as text, and one choice of a list as a list of
 * one.
 */
export const asTexts = ({ query }: Queried, given: unknown): unknown => {
  if (!isObject(given)) return given
  const textOf = (value: unknown) =>
    typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
  const choiceOf = ([name, value]: [string, unknown]): [string, unknown] =>
    !Array.isArray(value) && Object.hasOwn(query?.shape ?? {}, name) && isList(query?.shape[name])
      ? [name, [textOf(value)]]
      : [name, textOf(value)]
  return Object.fromEntries(Object.entries(given).map(choiceOf))
}
