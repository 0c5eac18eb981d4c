// What clients keep with a task that the model has no field for: a flat object of texts.
import { invalid } from '../../core/errors.ts'
import { utf8Length } from '../../core/stored-bytes.ts'
import { isStorable } from '../../core/text.ts'
import { z } from '../../core/zod.ts'

export const MAX_EXTRA_FIELDS = 20
export const MAX_EXTRA_BYTES = 4_096
/** Looked at as a whole: a body may have 100,000 fields. */
const isExtra =
  (kept: (value: unknown) => boolean) =>
  (given: unknown): boolean => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) return false
    const entries = Object.entries(given)
    return (
      entries.length <= MAX_EXTRA_FIELDS &&
      entries.every(([name, value]) => isName(name) && kept(value)) &&
      utf8Length(JSON.stringify(given)) <= MAX_EXTRA_BYTES
    )
  }
// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is what this does.
const CONTROL = /[\u0000-\u001f\u007f]/
const isName = (name: string): boolean => name !== '' && isStorable(name) && !CONTROL.test(name)
const isKeptText = (value: unknown): boolean => typeof value === 'string' && isStorable(value)
const EXTRA_ERROR = `This takes an object of at most ${MAX_EXTRA_FIELDS} texts, ${MAX_EXTRA_BYTES} bytes of JSON in all. Its names have no control characters.`
export const extraDocument = {
  type: 'object' as const,
  additionalProperties: { type: 'string' as const },
  maxProperties: MAX_EXTRA_FIELDS,
  description:
    'What a client wants to keep with the task: a flat object of at most 20 texts, 4 KiB as JSON.',
  example: { invoice: '2026-117' },
}
export const Extra = z
  .custom<Record<string, string>>(isExtra(isKeptText), {
    error: EXTRA_ERROR,
    params: { code: 'extra' },
  })
  .openapi(extraDocument)
/** Merged (RFC 7396): null takes a field away. */
export const ExtraPatch = z
  .custom<Record<string, string | null>>(
    isExtra((value) => value === null || isKeptText(value)),
    { error: EXTRA_ERROR, params: { code: 'extra' } },
  )
  .openapi({
    ...extraDocument,
    additionalProperties: { type: ['string', 'null'] },
    description: 'Merged into what is there: null takes a field away.',
  })

type Kept = Record<string, string>
/** Merges as RFC 7396 says. Throws `invalid` where that is more than a task may keep. */
export const mergeExtra = (present: Kept, patch: Readonly<Record<string, string | null>>): Kept => {
  const kept = Object.entries({ ...present, ...patch }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  )
  const merged = Extra.safeParse(Object.fromEntries(kept))
  if (merged.success) return merged.data
  throw invalid({ at: ['extra'], code: 'extra', detail: EXTRA_ERROR })
}
