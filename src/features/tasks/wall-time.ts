// The kinds of a due or a start, as the document shows them and as requests may name them.
import type { WallTime as Time } from '../../core/wall-clock.ts'
import { component, z } from '../../core/zod.ts'

const kinds = ['day', 'floating', 'zoned'] as const
export type Kind = (typeof kinds)[number]
export const Kind = component('WallTimeKind', z.enum(kinds), {
  description:
    '`day`: all day. `floating`: the same time wherever one is. `zoned`: a time in a zone.',
})

/** The fields of each kind. */
export const fieldsOf: Readonly<Record<Kind, readonly string[]>> = {
  day: ['date'],
  floating: ['datetime'],
  zoned: ['datetime', 'time_zone'],
}

const date = z.string().openapi({ format: 'date', example: '2026-12-01' })
const datetime = z.string().openapi({ example: '2026-12-01T09:00:00' })
const timeZone = z
  .string()
  .openapi({ example: 'Europe/Berlin', description: 'A name of the IANA time zone database.' })

const example = { datetime: '2026-12-01T09:00:00', time_zone: 'Europe/Berlin' }
const RULES =
  'In a gap of daylight saving time the offset before it holds, in an overlap the first of the two times counts (RFC 5545, 3.3.5).'

const Day = z
  .object({ kind: z.literal('day'), date })
  .openapi('Day', { description: 'All day.', example: { kind: 'day', date: '2026-12-01' } })
const FloatingTime = z.object({ kind: z.literal('floating'), datetime }).openapi('FloatingTime', {
  description: 'The same wall clock wherever one is.',
  example: { kind: 'floating', datetime: example.datetime },
})
const ZonedTime = z
  .object({ kind: z.literal('zoned'), datetime, time_zone: timeZone })
  .openapi('ZonedTime', {
    description: `A wall clock in a zone, which is one instant. ${RULES}`,
    example: { kind: 'zoned', ...example },
  })

/** A time as answers have it. */
export const WallTime = component(
  'WallTime',
  z.discriminatedUnion('kind', [Day, FloatingTime, ZonedTime]),
  {
    description: 'One of three, told apart by `kind`.',
    discriminator: {
      propertyName: 'kind',
      mapping: {
        day: '#/components/schemas/Day',
        floating: '#/components/schemas/FloatingTime',
        zoned: '#/components/schemas/ZonedTime',
      },
    },
    example: { kind: 'zoned', ...example },
  },
) satisfies z.ZodType<Time>

/**
 * A time as requests have it: one object, because a union whose `kind` may be missing is nothing
 * that generated clients can tell apart.
 */
export const inputAbout = {
  type: 'object' as const,
  properties: {
    kind: { $ref: '#/components/schemas/WallTimeKind' },
    date: { type: 'string' as const, format: 'date', example: '2026-12-01' },
    datetime: { type: 'string' as const, example: example.datetime },
    time_zone: {
      type: 'string' as const,
      example: example.time_zone,
      description: 'A name of the IANA time zone database.',
    },
  },
  minProperties: 1,
  additionalProperties: false,
  description: `One of three: a day (\`date\`), a floating time (\`datetime\`), or a time in a zone (\`datetime\` and \`time_zone\`). \`kind\` need not be there; one that does not go with the fields is refused. ${RULES}`,
  example,
}

/** The time that these fields make. */
export const timeOf = (
  given: { readonly date: string } | { readonly datetime: string; readonly time_zone?: string },
): Time => {
  if ('date' in given) return { kind: 'day', date: given.date }
  const { datetime, time_zone } = given
  return time_zone === undefined
    ? { kind: 'floating', datetime }
    : { kind: 'zoned', datetime, time_zone }
}

/**
 * A reviver for kept answers (`JSON.parse`): those of versions before this one have times without a
 * kind.
 */
export const withKind = (name: string, value: unknown): unknown =>
  (name === 'due' || name === 'start') &&
  typeof value === 'object' &&
  value !== null &&
  !('kind' in value)
    ? timeOf(value as Parameters<typeof timeOf>[0])
    : value
