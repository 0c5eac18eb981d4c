// The shapes of reminders in requests and answers.
import { date, datetime, GivenInstant, Id, Instant, TimeZone } from '../../core/schemas.ts'
import { component, z } from '../../core/zod.ts'
import { instantOf } from '../../db/instant.ts'

/** Reminders that one user may set for one task. */
export const MAX_REMINDERS = 20
/** How far from the time of its task a reminder may be: a leap year. */
const MAX_DAYS = 366
const MAX_MINUTES = MAX_DAYS * 24 * 60

export const ClockTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'A clock time is hh:mm, from 00:00 to 23:59.')
  .openapi({ example: '09:00', description: 'A wall clock, `hh:mm`.' })

const BaseTime = component('ReminderBase', z.enum(['due', 'start']), {
  description: 'The time of the task that it counts from.',
})
const within = (most: number, what: string) =>
  z.int().min(-most).max(most).openapi({ minimum: -most, maximum: most, description: what })

const AtInstant = z
  .strictObject({
    kind: z.literal('instant'),
    at: GivenInstant.transform(instantOf).openapi({
      type: 'string',
      format: 'date-time',
      example: '2026-12-01T08:00:00.000Z',
    }),
  })
  .openapi('ReminderAtInstant', { description: 'At an instant.' })
const OnDay = z
  .strictObject({ kind: z.literal('day'), date })
  .openapi('ReminderOnDay', { description: 'On a day, at the `reminder_time` of the user.' })
const AtFloating = z
  .strictObject({ kind: z.literal('floating'), datetime })
  .openapi('ReminderAtFloatingTime', {
    description: 'At a wall clock in the time zone of the user.',
  })
const AtZoned = z
  .strictObject({ kind: z.literal('zoned'), datetime, time_zone: TimeZone })
  .openapi('ReminderAtZonedTime', { description: 'At a wall clock in a zone.' })
const Minutes = z
  .strictObject({
    kind: z.literal('minutes'),
    before: BaseTime,
    minutes: within(
      MAX_MINUTES,
      'How many minutes before it; a negative number is after it. A day counts from the `reminder_time` of the user.',
    ).openapi({ example: 30 }),
  })
  .openapi('ReminderMinutesBefore', { description: 'Minutes before the time of the task.' })
const Days = z
  .strictObject({
    kind: z.literal('days'),
    before: BaseTime,
    days: within(MAX_DAYS, 'How many days before it; a negative number is after it.').openapi({
      example: 1,
    }),
    time: ClockTime.nullable().default(null).openapi({
      description:
        'At which clock, in the zone of that time. Null: at its own clock, for a day at the `reminder_time` of the user.',
    }),
  })
  .openapi('ReminderDaysBefore', { description: 'Days before the time of the task, at a clock.' })

const PREFIX = '#/components/schemas/'
const triggerExample = { kind: 'days', before: 'due', days: 1, time: '18:00' } as const
const KINDS = 'This takes one of instant, day, floating, zoned, minutes, days.'
/** When a reminder is to fire. */
export const Trigger = component(
  'ReminderTrigger',
  z.discriminatedUnion('kind', [AtInstant, OnDay, AtFloating, AtZoned, Minutes, Days], {
    error: ({ code }) => (code === 'invalid_union' ? KINDS : undefined),
  }),
  {
    description:
      'When it is to fire: at a time of its own (`instant`, `day`, `floating`, `zoned`), or some `minutes` or `days` before the due or the start of its task, which it follows.',
    discriminator: {
      propertyName: 'kind',
      mapping: {
        instant: `${PREFIX}ReminderAtInstant`,
        day: `${PREFIX}ReminderOnDay`,
        floating: `${PREFIX}ReminderAtFloatingTime`,
        zoned: `${PREFIX}ReminderAtZonedTime`,
        minutes: `${PREFIX}ReminderMinutesBefore`,
        days: `${PREFIX}ReminderDaysBefore`,
      },
    },
    example: triggerExample,
  },
)
export type Trigger = z.output<typeof Trigger>

const statuses = ['pending', 'unscheduled', 'fired', 'missed', 'cancelled'] as const
export type ReminderStatus = (typeof statuses)[number]
const Status = component('ReminderStatus', z.enum(statuses), {
  description:
    '`pending`: it fires at `fire_at`. `unscheduled`: its task has no such time. `fired`: it has. `missed`: the service could not fire it within 24 hours. `cancelled`: its task is completed, cancelled or in the trash, or was when its time came.',
})

const example = {
  id: '0199c2f4-7c4d-7e5f-8a61-7c8d9e0f1a2b',
  task_id: '0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a',
  trigger: triggerExample,
  fire_at: '2026-11-30T17:00:00.000Z',
  status: 'pending' as const,
  fired_at: null,
  late: false,
  created_at: '2026-11-23T09:00:00.000Z',
  updated_at: '2026-11-23T09:00:00.000Z',
  rev: '0199c2f4-7c4d-7e5f-8a61-7c8d9e0f1a2c',
}
export const Reminder = z
  .object({
    id: Id,
    task_id: Id,
    trigger: Trigger,
    fire_at: Instant.nullable().openapi({
      description: 'When it fires or should have; null where its task has no such time.',
    }),
    status: Status,
    fired_at: Instant.nullable(),
    late: z.boolean().openapi({ description: 'Did it fire more than two minutes late?' }),
    created_at: Instant,
    updated_at: Instant,
    rev: Id,
  })
  .openapi('Reminder', { example })
export type Reminder = z.output<typeof Reminder>

export const NewReminder = z
  .strictObject({ trigger: Trigger })
  .openapi('NewReminder', { example: { trigger: triggerExample } })
export type NewReminder = z.output<typeof NewReminder>

export const ReminderPatch = z
  .strictObject({ trigger: Trigger })
  .partial()
  .openapi('ReminderPatch', {
    description: 'A merge patch (RFC 7396), in which a trigger is one value.',
    example: { trigger: { kind: 'minutes', before: 'due', minutes: 30 } },
  })
export type ReminderPatch = z.output<typeof ReminderPatch>

export const TaskReminders = z
  .object({
    items: z.array(Reminder).openapi({ description: `At most ${MAX_REMINDERS}, all of them.` }),
  })
  .openapi('TaskReminders', { example: { items: [example] } })

const bound = (description: string) =>
  GivenInstant.transform(instantOf)
    .optional()
    .openapi({ type: 'string', format: 'date-time', description })
export const reminderFilters = {
  from: bound('Those that fire at this instant or later.'),
  until: bound('Those that fire before this instant.'),
  fired_since: bound(
    'Those that have fired at this instant or later, by `fired_at`: also those that were late.',
  ),
}
