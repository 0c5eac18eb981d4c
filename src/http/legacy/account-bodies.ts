// Bodies of requests about accounts, in the family's words: each field of ours has several names.
import { named } from '../../core/patch.ts'
import { exampleIn, z } from '../../core/zod.ts'
import { Login, Refresh, Registration, UserPatch } from '../../features/account/index.ts'

type Body = Readonly<Record<string, unknown>>
type Names<S extends z.ZodObject> = {
  readonly [F in keyof S['shape']]: readonly [string, ...string[]]
}

export type AccountBody = {
  /** What a request is held against. */
  readonly schema: z.ZodType
  /** What the document shows of it. */
  readonly documented: z.ZodObject
}

const emailNames = ['email', 'username'] as const
const zoneNames = ['time_zone', 'timezone', 'timeZone'] as const
const wholeNames = ['name', 'full_name', 'fullName', 'display_name', 'username'] as const
const firstNames = ['first_name', 'firstName'] as const
const lastNames = ['last_name', 'lastName'] as const
const parts: ReadonlySet<string> = new Set([...firstNames, ...lastNames])
const nameNames = [...wholeNames, ...firstNames, ...lastNames] as const
const deviceNames = ['device_token', 'deviceToken'] as const
const refreshNames = ['refresh_token', 'refreshToken', 'token'] as const

/** The first of these that is a text that is not blank. */
const textIn = (body: Body, names: readonly string[]): string | undefined =>
  names
    .map((name) => body[name])
    .find((value): value is string => typeof value === 'string' && value.trim() !== '')

/** Each name that a body may have, with the fields of ours that it stands for. */
const fieldsByName = <S extends z.ZodObject>(names: Names<S>): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  for (const [field, spellings] of Object.entries(names as Record<string, readonly string[]>))
    for (const name of spellings) found.set(name, [...(found.get(name) ?? []), field])
  return found
}

const documentedBody = <S extends z.ZodObject>(name: string, schema: S, names: Names<S>) => {
  const shape = [...fieldsByName(names)].map(([name, fields]): [string, z.ZodType] => {
    const [field = ''] = fields
    const known = schema.shape[field] as z.ZodType
    if (name === field) return [name, names[field]?.length === 1 ? known : known.optional()]
    const description = `${parts.has(name) ? 'A part' : 'Another name'} of \`${fields.join('` or `')}\`.`
    return [name, z.string().optional().openapi({ description })]
  })
  return z.looseObject(Object.fromEntries(shape)).openapi(name, { example: exampleIn(schema) })
}

/** A body that `translate` puts into the words of the other API. */
const inOurWords = <S extends z.ZodObject>(
  name: string,
  schema: S,
  names: Names<S>,
  translate: (body: Body) => Body,
): AccountBody => ({
  schema: z.preprocess((body) => {
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return body
    return named(translate(body as Body))
  }, schema),
  documented: documentedBody(name, schema, names),
})

const nameIn = (body: Body): string | undefined => {
  const parts = [textIn(body, firstNames), textIn(body, lastNames)]
  return textIn(body, wholeNames) ?? (parts.filter(Boolean).join(' ') || undefined)
}

export const registration = inOurWords(
  'Registration',
  Registration,
  { email: emailNames, password: ['password'], name: nameNames, time_zone: zoneNames },
  (body) => ({
    email: textIn(body, emailNames),
    password: body['password'],
    name: nameIn(body)?.replace(/\s+/g, ' ').trim(),
    time_zone: textIn(body, zoneNames),
  }),
)

/** Of an OAuth 2.0 password form (RFC 6749, 4.3.2), too: its `username` is the e-mail address. */
export const login = inOurWords(
  'Login',
  Login,
  { email: emailNames, password: ['password'], device_token: deviceNames },
  (body) => ({
    email: textIn(body, emailNames),
    password: body['password'],
    device_token: textIn(body, deviceNames),
  }),
)

export const refresh = inOurWords('Refresh', Refresh, { refresh_token: refreshNames }, (body) => ({
  refresh_token: textIn(body, refreshNames) ?? '',
}))

export const profile = inOurWords(
  'ProfileChange',
  UserPatch,
  { name: nameNames, time_zone: zoneNames, reminder_time: ['reminder_time'] },
  (body) => ({
    name: nameIn(body),
    time_zone: textIn(body, zoneNames),
    reminder_time: textIn(body, ['reminder_time']),
  }),
)
