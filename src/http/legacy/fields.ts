// The superset task: what clients of the original contract and of its family send and read. One
// table has the fields that a client can change; the same for POST, PUT and PATCH.
import type { Ctx } from '../../core/context.ts'
import { say } from '../../core/messages.ts'
import { Description, isDone, type Task, Title } from '../../features/tasks/index.ts'
import { type Body, type Change, nameIn, type Schema, spelled } from './body.ts'
import { type ExtraPatch, keep, kept, keptNames, spellingsOf } from './kept.ts'
import { badRequest } from './problem.ts'
import { completedNames, statusIn, statusNames } from './status.ts'
import { textOf, timeOf } from './times.ts'
import { originalStatus, priorityOf, statusOf } from './words.ts'

export type { Body, Change, Schema } from './body.ts'

/** What is documented of another name of a field or parameter. */
const alias = ({ description: _, ...schema }: Schema, of: string): Schema => ({
  ...schema,
  description: `Another name of \`${of}\`.`,
})

type Field = {
  /** The first one that the body has counts. */
  readonly names: readonly [string, ...string[]]
  /** As the document shows what it takes. */
  readonly schema: Schema
  /** Throws `bad_request`. */
  readonly write: (given: unknown, name: string) => Change
}

const fieldOf = (
  schema: typeof Title | typeof Description,
  name: string,
  given: unknown,
): string => {
  const parsed = schema.safeParse(given, { error: say })
  if (parsed.success) return parsed.data
  throw badRequest(`The ${name} does not fit. ${parsed.error.issues[0]?.message ?? ''}`.trim())
}

const tagsOf = (given: unknown): string[] => {
  if (given === null) return []
  const list = typeof given === 'string' ? given.split(',') : given
  if (!Array.isArray(list)) throw badRequest('tags is a list of texts.')
  return list
    .map((tag) => (typeof tag === 'object' && tag !== null && 'name' in tag ? tag.name : tag))
    .map((tag) => {
      if (typeof tag !== 'string') throw badRequest('tags is a list of texts.')
      return tag.trim()
    })
    .filter((tag) => tag !== '')
}

/** A merge patch that replaces the due of any kind. */
const duePatch = (due: ReturnType<typeof timeOf>): Change['due'] => {
  if (due === null) return null
  if (due.kind === 'day') return { date: due.date }
  return { datetime: due.datetime, time_zone: due.kind === 'zoned' ? due.time_zone : null }
}

/** These two are read together. */
const statusFields: readonly Omit<Field, 'write'>[] = [
  {
    names: statusNames,
    schema: {
      type: ['string', 'null'],
      description:
        '`pending`, `completed`, `in_progress`, `todo`, `done`, `cancelled` and others, in any case.',
    },
  },
  { names: completedNames, schema: { type: ['boolean', 'null'] } },
]

const keptField = (name: string): Field => ({
  names: spellingsOf(name),
  schema: { description: 'Any JSON; it is kept and answered, and nothing else is done with it.' },
  write: (given) => ({ extra: keep(name, given) }),
})
const fields: readonly Field[] = [
  {
    names: ['title'],
    schema: { type: ['string', 'null'], description: 'A change with null keeps it.' },
    // A PUT without a title keeps it.
    write: (given) => (given === null ? {} : { title: fieldOf(Title, 'title', given) }),
  },
  {
    names: ['description'],
    schema: { type: ['string', 'null'] },
    write: (given) => ({
      description: given === null ? '' : fieldOf(Description, 'description', given),
    }),
  },
  {
    names: ['priority'],
    schema: {
      type: ['string', 'integer', 'null'],
      description: '`none`, `low`, `medium`, `high`, `urgent` in any case, 0 to 5, `P1` to `P4`.',
    },
    write: (given) => {
      const priority = given === null || given === '' ? 'none' : priorityOf(given)
      if (!priority) throw badRequest('The priority is none, low, medium, high or urgent.')
      return { priority, extra: spelled('priority', given === '' ? null : given, priority) }
    },
  },
  {
    names: ['due_date', 'dueDate', 'due', 'due_at', 'dueAt', 'deadline'],
    schema: {
      type: ['string', 'null'],
      description: 'A day, a date and time, or one with `Z` or an offset.',
    },
    write: (given, name) => ({ due: duePatch(timeOf(name, given)) }),
  },
  {
    names: ['tags', 'labels'],
    schema: {
      type: ['array', 'string', 'null'],
      items: { type: ['string', 'object'] },
      description: 'Texts, objects with `name`, or one text with commas.',
    },
    write: (given) => ({ labels: tagsOf(given) }),
  },
  ...keptNames.map(keptField),
]

/**
 * The names of each field that a client can change; the first one is the original's. For what reads
 * them from elsewhere than a body.
 */
export const fieldNames: readonly (readonly string[])[] = [
  statusNames,
  completedNames,
  ...fields.map(({ names }) => names),
]

/** What a body may have, by each name: another name of a field says whose. */
export const documentedFields: Readonly<Record<string, Schema>> = Object.fromEntries(
  [...fields.slice(0, 2), ...statusFields, ...fields.slice(2)].flatMap(({ names, schema }) =>
    names.map((name) => [name, name === names[0] ? schema : alias(schema, names[0])] as const),
  ),
)

/** What a body changes. Fields that it does not name stay; unknown ones are ignored. */
export const changeIn = (body: Body): Change => {
  const changes = fields.flatMap(({ names, write }) => {
    const name = nameIn(body, names)
    return name === undefined ? [] : [write(body[name], name)]
  })
  const all = [statusIn(body), ...changes]
  const extra = Object.assign({}, ...all.map((change) => change.extra)) as ExtraPatch
  return { ...Object.assign({}, ...all), ...(Object.keys(extra).length > 0 ? { extra } : {}) }
}

/** What the client called them, as long as the task still has what that meant. */
const spellings = ({ extra, status, priority }: Task) => {
  const [statusWord, priorityWord] = [kept(extra, 'status'), kept(extra, 'priority')]
  return {
    status: statusOf(statusWord) === status ? statusWord : originalStatus(status),
    priority: priorityOf(priorityWord) === priority ? priorityWord : priority,
  }
}

/** What is kept of the family's other fields, in both spellings. */
const keptIn = ({ extra }: Task): Record<string, unknown> =>
  Object.fromEntries(
    keptNames.flatMap((name): [string, unknown][] => {
      const value = kept(extra, name)
      return value === undefined ? [] : spellingsOf(name).map((as) => [as, value])
    }),
  )

type Subject = { readonly actor: Pick<Ctx['actor'], 'subject'> }

/** A task as the family reads it, in each spelling that it uses. */
export const translate = (ctx: Subject, task: Task) => {
  const due = textOf(task.due)
  const done = isDone(task.status)
  const { status, priority } = spellings(task)
  return {
    id: task.id,
    title: task.title,
    description: task.description === '' ? null : task.description,
    status,
    user_id: ctx.actor.subject,
    created_at: task.created_at,
    updated_at: task.updated_at,
    completed: done,
    is_completed: done,
    priority,
    due_date: due,
    tags: task.labels,
    completed_at: task.completed_at,
    category: null,
    ...keptIn(task),
    userId: ctx.actor.subject,
    createdAt: task.created_at,
    updatedAt: task.updated_at,
    completedAt: task.completed_at,
    dueDate: due,
  }
}
