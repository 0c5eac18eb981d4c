// The shapes of what ties a task to other things, and of the plain fields that need rules of their own.
import { Id, line } from '../../core/schemas.ts'
import { component, z } from '../../core/zod.ts'

/** A year. */
const MAX_ESTIMATE = 525_600
const ESTIMATE_ERROR = `This takes a whole number of minutes, 1 to ${MAX_ESTIMATE}.`
export const EstimateMinutes = z
  .int(ESTIMATE_ERROR)
  .refine((minutes) => minutes >= 1 && minutes <= MAX_ESTIMATE, {
    error: ESTIMATE_ERROR,
    params: { code: 'range' },
  })
  .openapi({
    minimum: 1,
    maximum: MAX_ESTIMATE,
    example: 45,
    description: 'How long it will take: 1 minute to a year.',
  })

const MAX_URL = 2_048
/** Following one of these runs nothing where it is shown. */
const SCHEMES = ['http', 'https', 'mailto', 'tel', 'sms', 'geo', 'message'] as const
const URL_ERROR = `This takes a URL with one of the schemes ${SCHEMES.join(', ')}, of at most ${MAX_URL} characters.`
/** Looked at before it is parsed: a parser takes tabs and line ends out of a scheme. */
const isUrl = (given: string): boolean => {
  if (given.length > MAX_URL || /[\s\p{Cc}\p{Z}]/u.test(given) || !given.isWellFormed())
    return false
  const scheme = /^([a-z]+):/i.exec(given)?.[1]?.toLowerCase()
  if (!SCHEMES.some((allowed) => allowed === scheme)) return false
  if (!/^https?:/i.test(given)) return given.length > given.indexOf(':') + 1
  return /^https?:\/\//i.test(given) && URL.canParse(given)
}
export const TaskUrl = z
  .string()
  .refine(isUrl, { error: URL_ERROR, params: { code: 'url' } })
  .openapi({
    maxLength: MAX_URL,
    example: 'https://example.org/chimneys/7',
    description: `What it is about. Schemes: ${SCHEMES.map((scheme) => `\`${scheme}\``).join(', ')}. Kept as it was sent.`,
  })

export const MAX_EXTERNAL_ID = 191
export const ExternalId = line(1, MAX_EXTERNAL_ID).openapi({
  example: 'todoist:2995104339',
  description:
    'What another system calls it. No two tasks of a project have the same one, those in the trash included.',
})

export const MAX_BLOCKERS = 50
export const BlockerIds = z
  .array(Id)
  .max(MAX_BLOCKERS)
  .transform((ids) => [...new Set(ids)].sort())
  .openapi({
    description: `The ids of the tasks that it waits for, at most ${MAX_BLOCKERS}; also of other projects.`,
  })

export const Progress = component(
  'TaskProgress',
  z.object({ completed: z.int(), total: z.int() }),
  {
    description:
      'How many of its direct subtasks are completed. Cancelled ones, and those in the trash, do not count.',
    example: { completed: 1, total: 3 },
  },
)
  .nullable()
  .openapi({ description: 'Null where nothing counts.' })
