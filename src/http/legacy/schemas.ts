// What the document of the original contract calls what is sent and answered, and how it looks.
import { exampleIn, z } from '../../core/zod.ts'
import { operations } from '../../features/operations.ts'
import { Task } from '../../features/tasks/index.ts'
import { Fault, ProblemCode } from '../document.ts'
import { exampleOf } from '../problem-examples.ts'
import { profileOf, shownUser, signedIn, signedOut, withTokens } from './account-answers.ts'
import { documentedFields, type Schema, translate } from './fields.ts'
import { keptNames, spellingsOf } from './kept.ts'
import { legacyProblem } from './problem.ts'
import { completedNames } from './status.ts'

const text = { type: 'string' } as const
const textOrNull = { type: ['string', 'null'] } as const
const flag = { type: 'boolean' } as const
const eachOf = (names: readonly string[], schema: Schema) =>
  Object.fromEntries(names.map((name) => [name, schema]))
const count = { type: 'integer', minimum: 0 } as const
const instant = { type: 'string', format: 'date-time' } as const
const instantOrNull = { type: ['string', 'null'], format: 'date-time' } as const
const reference = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const listOf = (name: string) => ({ type: 'array', items: reference(name) }) as const
const object = (properties: Readonly<Record<string, Schema>>, example: unknown, more = {}) => ({
  type: 'object',
  properties,
  example,
  ...more,
})
/** An answer: each of these is there. */
const answered = (properties: Readonly<Record<string, Schema>>, example: unknown) =>
  object(properties, example, { required: Object.keys(properties) })

const SUBJECT = '0199c2f4-0000-7000-8000-000000000001'
const newTask = {
  title: 'Pay the rent',
  description: 'By transfer.',
  priority: 'high',
  due_date: '2026-12-01',
  tags: ['home', 'money'],
  category: 'Finance',
}
const task = translate(
  { actor: { subject: SUBJECT } },
  {
    ...(exampleIn(Task) as Task),
    title: newTask.title,
    description: newTask.description,
    due: { kind: 'day', date: newTask.due_date },
    labels: newTask.tags,
    extra: { category: newTask.category },
  },
)
const taskFields = {
  id: { type: 'string', format: 'uuid' },
  title: text,
  description: { ...textOrNull, description: 'null where there is none.' },
  status: { ...text, description: 'As it was sent, else `pending` or `completed`.' },
  user_id: { ...text, description: "As the caller's token names the user." },
  created_at: instant,
  updated_at: instant,
  completed: flag,
  is_completed: flag,
  priority: { type: ['string', 'integer'], description: 'As it was sent.' },
  due_date: {
    ...textOrNull,
    description: 'A day, a date and time, or a time in UTC with `Z`.',
  },
  tags: { type: 'array', items: text },
  completed_at: instantOrNull,
  category: { description: 'As it was sent; null where there is none.' },
  userId: text,
  createdAt: instant,
  updatedAt: instant,
  completedAt: instantOrNull,
  dueDate: textOrNull,
}
const keptFields = Object.fromEntries(
  keptNames
    .flatMap((name) => spellingsOf(name))
    .filter((name) => name !== 'category')
    .map((name) => [name, { description: 'As it was sent; absent where nothing was.' }]),
)

const counts = {
  total: 3,
  completed: 1,
  pending: 2,
  in_progress: 0,
  overdue: 1,
  completion_rate: 33.3,
  by_priority: { none: 2, low: 0, medium: 0, high: 1, urgent: 0 },
  total_tasks: 3,
  completed_tasks: 1,
  pending_tasks: 2,
  overdue_tasks: 1,
}

const { login, refresh, getMe, updateMe } = operations
type Answering<S extends z.ZodObject> = { readonly output: { readonly schema?: S } }
const schemaOf = <S extends z.ZodObject>({ output }: Answering<S>): S => output.schema as S
const shown = <S extends z.ZodObject>(operation: Answering<S>) =>
  exampleIn(schemaOf(operation)) as z.output<S>

const userNames = { user_id: z.string(), username: z.string(), full_name: z.string() }
const User = z
  .object({ ...schemaOf(updateMe).shape, ...userNames })
  .openapi('User', { example: shownUser(shown(updateMe)) })
const FullUser = z
  .object({ ...schemaOf(getMe).shape, ...userNames })
  .openapi('FullUser', { example: shownUser(shown(getMe)) })
const tokenNames = { token_type: z.literal('bearer'), token: z.string(), accessToken: z.string() }

const Problem = z
  .object({
    detail: z.string(),
    error: z.string(),
    message: z.string(),
    code: ProblemCode,
    status: z.int(),
    request_id: z.string(),
    errors: z.array(Fault).optional(),
  })
  .openapi('Problem', {
    description: 'What went wrong; the text under each name that clients look for.',
    example: legacyProblem({ status: 422, body: exampleOf('invalid').value }).body,
  })

export const schemas = {
  Task: object({ ...taskFields, ...keptFields }, task, { required: Object.keys(taskFields) }),
  NewTask: object({ ...documentedFields, title: text }, newTask, { required: ['title'] }),
  TaskChange: object(
    documentedFields,
    { completed: true },
    {
      description: 'What it does not name stays.',
    },
  ),
  Tasks: { ...listOf('Task'), example: [task] },
  TaskPage: answered(
    {
      tasks: listOf('Task'),
      total: count,
      count,
      limit: { type: ['integer', 'null'], minimum: 1 },
      offset: count,
    },
    { tasks: [task], total: 1, count: 1, limit: null, offset: 0 },
  ),
  TaskList: { oneOf: [reference('Tasks'), reference('TaskPage')], example: [task] },
  Completion: object(
    eachOf(completedNames, { type: ['boolean', 'null'] }),
    { completed: true },
    { description: 'Sets it; nothing, or null, toggles.' },
  ),
  StatusChange: object({ status: text, ...eachOf(completedNames, flag) }, { status: 'completed' }),
  CountsByPriority: answered(
    { none: count, low: count, medium: count, high: count, urgent: count },
    counts.by_priority,
  ),
  Counts: answered(
    {
      ...Object.fromEntries(Object.keys(counts).map((name) => [name, count])),
      completion_rate: { type: 'number', description: 'Per cent.' },
      by_priority: reference('CountsByPriority'),
    },
    counts,
  ),
  Tags: { type: 'array', items: text, example: ['home', 'money'] },
  Problem,
  SignedIn: z
    .object({
      ...schemaOf(login).shape,
      ...tokenNames,
      user: User,
      user_id: z.string(),
      userId: z.string(),
    })
    .openapi('SignedIn', { example: signedIn(shown(login)) }),
  Tokens: z
    .object({ ...schemaOf(refresh).shape, ...tokenNames })
    .openapi('Tokens', { example: withTokens(shown(refresh)) }),
  Profile: z
    .object({ ...FullUser.shape, user: FullUser })
    .openapi('Profile', { example: profileOf(shown(getMe)) }),
  ChangedProfile: z
    .object({ ...User.shape, user: User })
    .openapi('ChangedProfile', { example: profileOf(shown(updateMe)) }),
  SignedOut: answered({ message: text, detail: text, success: flag }, signedOut),
} as const

export type SchemaName = keyof typeof schemas
