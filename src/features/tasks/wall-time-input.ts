// A due or a start as requests name it, whole or as a patch.
import { dateFault, TimeZone } from '../../core/schemas.ts'
import { isDate, isDateTimeOrMinute, withSeconds } from '../../core/wall-clock.ts'
import { component, z } from '../../core/zod.ts'
import { inputAbout, Kind, timeOf } from './wall-time.ts'

const date = z
  .string()
  .superRefine((given, context) => {
    if (isDate(given)) return
    const form = 'A date is YYYY-MM-DD, exists, and lies between the years 1000 and 9998.'
    context.addIssue(dateFault(given, 'date', form))
  })
  .openapi({ format: 'date', example: '2026-12-01' })
const datetime = z
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

export const DATE_WITH_ZONE = 'A date has no time_zone; use datetime.'
/** A kind need not be named; one that the fields are not of is refused. */
const kindOf = (kind: Kind) =>
  z.literal(kind, { error: `With these fields the kind is ${kind}.` }).optional()
const day = z.strictObject(
  { kind: kindOf('day'), date },
  {
    error: ({ code, keys }) =>
      code === 'unrecognized_keys' && keys.includes('time_zone') ? DATE_WITH_ZONE : undefined,
  },
)

/** All day, floating or zoned. */
export const WallTimeInput = component(
  'WallTimeInput',
  z
    .union(
      [
        day,
        z.strictObject({ kind: kindOf('zoned'), datetime, time_zone: TimeZone }),
        z.strictObject({ kind: kindOf('floating'), datetime }),
      ],
      { error: 'This takes {"date"}, {"datetime"} or {"datetime", "time_zone"}.' },
    )
    .transform(timeOf),
  inputAbout,
)

/**
 * A patch of a wall time: merged into what is there (RFC 7396); another kind of time takes its
 * place.
 */
export const WallTimePatch = component(
  'WallTimePatch',
  z
    .strictObject({
      kind: Kind,
      date: date.nullable(),
      datetime: datetime.nullable(),
      time_zone: TimeZone.nullable(),
    })
    .partial(),
  {
    description:
      'What it does not name stays; another kind of time takes the place of what was there.',
    example: { date: '2026-12-01' },
  },
)
export type WallTimePatch = z.output<typeof WallTimePatch>
