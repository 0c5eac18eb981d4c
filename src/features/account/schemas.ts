import { Id, Instant, line, TimeZone, text } from '../../core/schemas.ts'
import { fold, foldAsBefore, isBlank, isStorable } from '../../core/text.ts'
import { z } from '../../core/zod.ts'
import { ClockTime } from '../reminders/index.ts'

const MAX_EMAIL = 191
const ADDRESS = /^[^\s\p{Cc}@]+@[^\s\p{Cc}@]+$/u
export const isAddress = (form: string): boolean =>
  [...form].length <= MAX_EMAIL && ADDRESS.test(form)
/** Whether this is an address whose form for comparisons is one, too: folding can make it longer. */
export const isFoldedAddress = (form: string): boolean =>
  isAddress(form) && form.split('@').every((part) => !isBlank(part))

const emailThat = (fits: (given: string) => boolean) =>
  z
    .string()
    .trim()
    .refine(
      (given) =>
        given.length <= 2 * MAX_EMAIL && isStorable(given) && isAddress(given) && fits(given),
      {
        error: `An e-mail address has one @, no blanks and at most ${MAX_EMAIL} characters.`,
        params: { code: 'email' },
      },
    )
    .openapi({
      format: 'email',
      maxLength: MAX_EMAIL,
      example: 'ada@example.org',
      description: 'Case, width and characters that cannot be seen do not matter.',
    })
const NewEmail = emailThat((given) => isFoldedAddress(fold(given)))
/** Also what an earlier version took: its owner signs in with it as ever. */
const Email = emailThat((given) => isAddress(foldAsBefore(given)))

const MIN_PASSWORD = 8
const MAX_PASSWORD = 256
/** The present password; too short ones are wrong, not invalid. */
export const Password = text(1, MAX_PASSWORD).openapi({
  format: 'password',
  example: 'a heron on the pier',
  description: 'The present password.',
})
export const NewPassword = text(MIN_PASSWORD, MAX_PASSWORD).openapi({
  format: 'password',
  example: 'a heron on the pier',
  description: 'Any characters; none of the most common passwords, nor the e-mail address.',
})

const Name = line(1, 120).openapi({ example: 'Ada', description: 'What the user is called.' })

const user = {
  id: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f',
  email: 'ada@example.org',
  name: 'Ada',
  time_zone: 'Europe/Berlin',
  reminder_time: '09:00',
  created_at: '2026-12-01T09:00:00.000Z',
}
export const User = z
  .object({
    id: Id,
    email: z
      .string()
      .nullable()
      .openapi({ description: 'As it was typed; null for users of other issuers.' }),
    name: z.string(),
    time_zone: z.string(),
    reminder_time: z.string().openapi({
      description: 'The wall clock at which reminders take a day: `09:00` unless it is set.',
    }),
    created_at: Instant,
  })
  .openapi('User', { example: user })
export type User = z.infer<typeof User>

const Running = z
  .object({
    kind: z.string().openapi({
      description: 'As in `rename_label`, `delete_label`, `delete_project`, `restore_task`.',
    }),
    id: Id.openapi({ description: 'The label, project or task that it is about.' }),
    since: Instant,
  })
  .openapi('Running', {
    example: {
      kind: 'rename_label',
      id: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f',
      since: '2026-12-01T09:00:00.000Z',
    },
  })
const Quota = z
  .object({ used: z.int(), limit: z.int() })
  .openapi('Quota', { example: { used: 412, limit: 100_000 } })
const quotas = {
  tasks: { used: 412, limit: 100_000 },
  projects: { used: 5, limit: 1_000 },
  labels: { used: 12, limit: 1_000 },
  keys: { used: 1, limit: 100 },
  bytes: { used: 181_920, limit: 200_000_000 },
}
const Quotas = z
  .object({ tasks: Quota, projects: Quota, labels: Quota, keys: Quota, bytes: Quota })
  .openapi('Quotas', {
    description:
      'What the user has, and how much is allowed. What is in the trash counts. `bytes` is what texts take. More can be used than is allowed where the limit was lowered.',
    example: quotas,
  })
/** A user as `getMe` shows it. */
export const Me = z
  .object({
    ...User.shape,
    quotas: Quotas,
    running: z
      .array(Running)
      .openapi({ description: 'Changes of many rows that are done chunk by chunk right now.' }),
  })
  .openapi('Me', { example: { ...user, quotas, running: [] } })
export type Me = z.infer<typeof Me>

const tokens = {
  access_token: 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIwMTk5YzJmNCJ9.c2lnbmF0dXJl',
  token_type: 'Bearer' as const,
  expires_in: 900,
  refresh_token: 'tpr_2m0Zr6mXo0m4bB0xXy4yq7sT1k9uQe3wJc8vNf5hLdA',
}
const tokenFields = {
  access_token: z.string().openapi({ description: 'To be sent as `Authorization: Bearer …`.' }),
  token_type: z.literal('Bearer'),
  expires_in: z.int().openapi({ description: 'Seconds that the access token is good for.' }),
  refresh_token: z.string().openapi({ description: 'Gets the next tokens, once, within 30 days.' }),
}
const DEVICE_TOKEN = 'tpd_mB0xXy4yq7sT1k9uQe3wJcq7Zk2m0Zr6mXo0m4bB0xXy4yq7sT1k9uQe3wJc8vNf5'
const DeviceToken = z.string().max(200)
export const TokenPair = z.object(tokenFields).openapi('Tokens', { example: tokens })
export const SignedIn = z
  .object({
    ...tokenFields,
    device_token: z.string().openapi({
      description:
        'Marks this device for the next sign-in to this account, whose `device_token` it is: wrong passwords of others then never keep it out. Good until the password changes; opens nothing by itself.',
    }),
    user: User,
  })
  .openapi('SignedIn', { example: { ...tokens, device_token: DEVICE_TOKEN, user } })
export type SignedIn = z.infer<typeof SignedIn>

export const Registration = z
  .strictObject({
    email: NewEmail,
    password: NewPassword,
    name: Name.optional().openapi({ description: 'Without it, what stands before the @.' }),
    time_zone: TimeZone.default('UTC'),
  })
  .openapi('Registration', {
    example: {
      email: 'ada@example.org',
      password: 'a heron on the pier',
      name: 'Ada',
      time_zone: 'Europe/Berlin',
    },
  })
export type Registration = z.output<typeof Registration>

export const Login = z
  .strictObject({
    email: Email,
    password: Password,
    device_token: DeviceToken.optional().openapi({
      description:
        'The last one that a sign-in to this account answered on this device. One that is not known, or no more, is as good as none.',
    }),
  })
  .openapi('Login', { example: { email: 'ada@example.org', password: 'a heron on the pier' } })
export type Login = z.output<typeof Login>

export const Refresh = z
  .strictObject({
    refresh_token: z.string().max(200).openapi({ description: 'The last one that was issued.' }),
  })
  .openapi('Refresh', { example: { refresh_token: tokens.refresh_token } })
export type Refresh = z.output<typeof Refresh>

export const UserPatch = z
  .strictObject({ name: Name, time_zone: TimeZone, reminder_time: ClockTime })
  .partial()
  .openapi('UserPatch', { example: { time_zone: 'Europe/Berlin' } })
export type UserPatch = z.output<typeof UserPatch>

export const PasswordChange = z
  .strictObject({ current_password: Password, new_password: NewPassword })
  .openapi('PasswordChange', {
    example: { current_password: 'a heron on the pier', new_password: 'two herons on the pier' },
  })
export type PasswordChange = z.output<typeof PasswordChange>

export const Session = z
  .object({
    id: Id,
    created_at: Instant,
    last_used_at: Instant.openapi({ description: 'When its tokens were last refreshed.' }),
    user_agent: z
      .string()
      .nullable()
      .openapi({ description: 'What the client called itself when it signed in.' }),
    current: z.boolean().openapi({ description: 'Is it the one that asks?' }),
  })
  .openapi('Session', {
    example: {
      id: '0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f',
      created_at: '2026-12-01T09:00:00.000Z',
      last_used_at: '2026-12-01T09:15:00.000Z',
      user_agent: 'Mozilla/5.0',
      current: true,
    },
  })
export type Session = z.infer<typeof Session>
