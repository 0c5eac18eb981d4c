// The building blocks of the API's schemas.
import { isBlank, isStorable } from './text.ts'
import { isTimeZone } from './time-zones.ts'
import { isDate, isDateTimeOrMinute, isYearOutside, withSeconds } from './wall-clock.ts'
import { z } from './zod.ts'

const length = (text: string): number => [...text].length
const within = (min: number, max: number) => (text: string) =>
  text.length <= max * 2 && length(text) >= min && length(text) <= max

/** UTF-16 units that a character has at most in any form whose composition is one. */
const UNITS_OF_CHARACTER = 8
/**
 * Text that is compared by NFC (Unicode, UAX 15), so that é is one name however it is typed. What
 * is longer than any form of `max` characters is not composed: that would take too long.
 */
export const composed = (max: number) =>
  z
    .string()
    .refine((given) => given.length <= max * UNITS_OF_CHARACTER, {
      error: `This takes at most ${max} characters.`,
      params: { code: 'length' },
      abort: true,
    })
    .normalize('NFC')

/**
 * Text of any length that every database can store. Of the control characters it may hold tabs and
 * line ends.
 */
export const storable = (given = z.string()) =>
  given
    .refine(isStorable, {
      error: 'Text may hold neither NUL nor lone surrogates.',
      params: { code: 'unstorable' },
    })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is what this does. JSON would write six characters for each.
    .refine((text) => !/[\u0001-\u0008\u000b\u000c\u000e-\u001f]/.test(text), {
      error: 'Of the control characters text may hold tabs and line ends only.',
      params: { code: 'control_character' },
    })

/** The same of `min` to `max` characters (Unicode code points). */
export const text = (min: number, max: number, given?: z.ZodString) =>
  storable(given)
    .refine(within(min, max), {
      error: `This takes ${min} to ${max} characters.`,
      params: { code: 'length' },
    })
    .openapi({ minLength: min, maxLength: max })

/** A name of one line: composed and trimmed, without control characters, and not blank. */
export const line = (min: number, max: number) =>
  composed(max)
    .trim()
    .refine(isStorable, {
      error: 'Text may hold neither NUL nor lone surrogates.',
      params: { code: 'unstorable' },
    })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is what this does.
    .refine((given) => !/[\u0000-\u001f\u007f]/.test(given), {
      error: 'This is one line, without control characters.',
      params: { code: 'control_character' },
    })
    .refine(within(min, max), {
      error: `This takes ${min} to ${max} characters that are not blank.`,
      params: { code: 'length' },
    })
    .refine(isSeen, {
      error: 'This needs a character that can be seen.',
      params: { code: 'blank' },
    })
    .openapi({ minLength: min, maxLength: max })

/** Empty is too short already. */
export const isSeen = (given: string): boolean => given === '' || !isBlank(given)

/** A UUID in upper or lower case. The service writes lower case. */
export const Id = z
  .uuid()
  .toLowerCase()
  .openapi({ format: 'uuid', example: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f' })

/** A point in time that the service made. */
export const Instant = z.iso
  .datetime({ precision: 3 })
  .openapi({ format: 'date-time', example: '2026-12-01T09:00:00.000Z' })

const YEARS = 'Years are 1000 to 9998.'
/** What is wrong with a date or an instant of this form, where its year may be the reason. */
export const dateFault = (given: string, code: string, message: string) =>
  ({
    code: 'custom',
    message: isYearOutside(given) ? YEARS : message,
    params: { code: isYearOutside(given) ? 'range' : code },
  }) as const

/** An instant that clients name, with any offset, as milliseconds since the epoch. */
export const instantIn = (given: string): number | undefined => {
  const ms = z.iso.datetime({ offset: true }).safeParse(given).success
    ? Date.parse(given)
    : Number.NaN
  return ms >= Date.UTC(1000) && ms < Date.UTC(9999) ? ms : undefined
}

/** The same as the schema of a field. */
export const GivenInstant = z.string().transform((given, context): number => {
  const ms = instantIn(given)
  if (ms !== undefined) return ms
  const form = 'This takes an instant (RFC 3339), such as 2026-12-01T09:00:00Z.'
  context.addIssue(dateFault(given, 'invalid_format', form))
  return z.NEVER
})

/** An existing date, as in `2026-12-01`. */
export const date = z
  .string()
  .superRefine((given, context) => {
    if (isDate(given)) return
    const form = 'A date is YYYY-MM-DD, exists, and lies between the years 1000 and 9998.'
    context.addIssue(dateFault(given, 'date', form))
  })
  .openapi({ format: 'date', example: '2026-12-01' })
/** A date and time without an offset, with seconds in the end. */
export const datetime = z
  .string()
  .superRefine((given, context) => {
    if (isDateTimeOrMinute(given)) return
    const form =
      'A date and time is YYYY-MM-DDThh:mm:ss without an offset, exists, and lies between the years 1000 and 9998.'
    context.addIssue(dateFault(given, 'datetime', form))
  })
  .transform(withSeconds)
  .openapi({
    type: 'string',
    example: '2026-12-01T09:00:00',
    description: '`YYYY-MM-DDThh:mm:ss`. A request may leave the seconds out.',
  })

export const TimeZone = z
  .string()
  .refine(isTimeZone, {
    error:
      'A time zone is a name of the IANA database, such as Europe/Berlin, or an offset, such as +05:30.',
    params: { code: 'time_zone' },
  })
  .openapi({
    example: 'Europe/Berlin',
    description: 'A name of the IANA time zone database, or an offset from UTC, as in `+05:30`.',
  })

/** `#rrggbb`. Lower case in responses. */
export const Color = z
  .string()
  .regex(/^#[0-9a-fA-F]{6}$/, 'A color is # and six hexadecimal digits.')
  .toLowerCase()
  .nullable()
  .openapi({ example: '#2f6feb' })

/** The parameter `limit`: a number from 1 to `most`, which has three digits at most. */
export const limitUpTo = (most: number, usual: number, description: string) =>
  z
    .string()
    .regex(/^[1-9]\d{0,2}$/, `A limit is a number from 1 to ${most}.`)
    .transform(Number)
    .refine((n) => n <= most, {
      error: `A limit is a number from 1 to ${most}.`,
      params: { code: 'range' },
    })
    .default(usual)
    .openapi({ type: 'integer', minimum: 1, maximum: most, default: usual, description })

/** The query parameters of every list. */
export const pageQuery = {
  limit: limitUpTo(200, 50, 'How many at most.'),
  cursor: z
    .string()
    .max(2000)
    .optional()
    .openapi({ description: 'Where the page before ended: its `next_cursor`.' }),
}

/** A page of `item`s; `name` is the schema's name in the document. */
export const pageSchema = <T extends z.ZodType>(name: string, item: T) =>
  z
    .object({
      items: z.array(item),
      next_cursor: z
        .string()
        .nullable()
        .openapi({ description: 'Where the next page begins; null on the last.' }),
    })
    .openapi(name)
