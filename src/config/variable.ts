import type { z } from 'zod'

/**
 * One variable of the environment: what it is for, its default (as the documentation shows it), and
 * how its text is read.
 */
export type Variable<S extends z.ZodType = z.ZodType> = {
  readonly doc: string
  readonly shown: string
  readonly schema: S
}

export const variable = <S extends z.ZodType>(
  shown: string,
  schema: S,
  doc: string,
): Variable<S> => ({ doc, shown, schema })

/** The default of a variable that has none. */
export const NONE = 'not set'
