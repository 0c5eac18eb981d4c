// The query of a list, by the names that the family uses for its parts. An unknown parameter is
// ignored; a known one with a value that means nothing is refused, so that no client gets
// everything by mistake.
import {
  doneStatuses,
  isDone,
  type listTasks,
  openStatuses,
  type Task,
} from '../../features/tasks/index.ts'
import { kept } from './kept.ts'
import { MOST_WHOLE, parameters } from './parameters.ts'
import { badRequest } from './problem.ts'
import { priorityOf, statusChoices, statusOf } from './words.ts'

type Filters = Omit<Parameters<typeof listTasks>[1], 'limit' | 'cursor' | 'status' | 'deleted'>
type Status = Task['status']

export type ListQuery = {
  readonly filters: Filters
  /** The list is these tasks, then the next ones. Without: all of them. */
  readonly passes: readonly (readonly Status[] | undefined)[]
  /** What no filter of ours can do. */
  readonly keeps: (task: Task) => boolean
  readonly offset: number
  /** Undefined: to the end. */
  readonly limit: number | undefined
  readonly envelope: 'array' | 'tasks'
}

const sortNames = {
  created_at: ['created_at', 'createdat', 'created', 'date', 'newest', 'id'],
  updated_at: ['updated_at', 'updatedat', 'updated', 'modified'],
  due: ['due_date', 'duedate', 'due', 'deadline'],
  priority: ['priority'],
  title: ['title', 'name', 'alphabetical', 'alpha'],
  status: ['status', 'completed'],
} as const
type SortName = keyof typeof sortNames
const sorts = new Map(
  (Object.entries(sortNames) as [SortName, readonly string[]][]).flatMap(([name, words]) =>
    words.map((word) => [word, name] as const),
  ),
)
/** Those that begin with the greatest where no direction is named. */
const descendingByItself: readonly SortName[] = ['created_at', 'updated_at', 'priority']

const PAGE_SIZE = 20

type Name = keyof typeof parameters
/** The last value of the first of its names that is there and not blank. */
const valueIn = (params: URLSearchParams, name: Name): string | undefined =>
  parameters[name].names.map((name) => params.getAll(name).at(-1)?.trim()).find((value) => value)

const wholeIn = (params: URLSearchParams, least: number, name: Name) => {
  const given = valueIn(params, name)
  if (given === undefined) return undefined
  const number = /^\d{1,10}$/.test(given) ? Number(given) : Number.NaN
  if (number >= least && number <= MOST_WHOLE) return number
  throw badRequest(`${name} is a whole number, at least ${least} and at most ${MOST_WHOLE}.`)
}

const flagIn = (params: URLSearchParams, name: Name): boolean | undefined => {
  const given = valueIn(params, name)?.toLowerCase()
  if (given === undefined || given === 'all') return undefined
  if (given === 'true' || given === '1') return true
  if (given === 'false' || given === '0') return false
  throw badRequest(`${name} is true or false.`)
}

/** Each value under any of its names: repeated, or with commas between. */
const listIn = (params: URLSearchParams, name: Name): string[] => [
  ...new Set(
    parameters[name].names
      .flatMap((name) => params.getAll(name))
      .flatMap((value) => value.split(','))
      .map((value) => value.trim())
      .filter((value) => value !== ''),
  ),
]

/** Undefined for all. */
const statusesIn = (params: URLSearchParams): readonly Status[] | undefined => {
  const word = valueIn(params, 'status')
  const completed = flagIn(params, 'completed')
  const named = word === undefined || word.toLowerCase() === 'all' ? undefined : statusOf(word)
  if (word !== undefined && word.toLowerCase() !== 'all' && named === undefined)
    throw badRequest(`The status is all, ${statusChoices}.`)
  const byWord =
    named === undefined
      ? undefined
      : isDone(named)
        ? doneStatuses
        : named === 'pending'
          ? openStatuses
          : [named]
  if (completed === undefined) return byWord
  const byFlag = completed ? doneStatuses : openStatuses
  return byWord?.filter((status) => byFlag.includes(status)) ?? byFlag
}

const sortIn = (params: URLSearchParams): { name: SortName; descending: boolean } => {
  const given = valueIn(params, 'sort')?.toLowerCase()
  const direction = valueIn(params, 'order')
  const [, minus, word, suffix] = /^(-?)(.*?)(?:[:_](asc|desc))?$/.exec(given ?? '') ?? []
  const name = word ? sorts.get(word) : 'created_at'
  if (!name)
    throw badRequest('sort is created_at, updated_at, due_date, priority, title or status.')
  const order = (direction ?? suffix)?.toLowerCase()
  if (order === undefined || order === '')
    return { name, descending: minus === '-' || (word ? descendingByItself.includes(name) : true) }
  if (order.startsWith('asc')) return { name, descending: false }
  if (order.startsWith('desc')) return { name, descending: true }
  throw badRequest('order is asc or desc.')
}

const MOST_CHOICES = 16
const choices = <T>(name: string, list: readonly T[]): T[] | undefined => {
  if (list.length > MOST_CHOICES) throw badRequest(`${name} takes ${MOST_CHOICES} values.`)
  return list.length === 0 ? undefined : [...list]
}

const MOST_OF_SEARCH = 200

export const listQueryOf = (url: string, standard: ListQuery['envelope']): ListQuery => {
  const params = new URL(url).searchParams
  const { name, descending } = sortIn(params)
  const statuses = statusesIn(params)
  const search = valueIn(params, 'search')
  if (search !== undefined && [...search].length > MOST_OF_SEARCH)
    throw badRequest(`search has at most ${MOST_OF_SEARCH} characters.`)
  const priority = listIn(params, 'priority').filter((word) => word.toLowerCase() !== 'all')
  const priorities = priority.map((word) => {
    const found = priorityOf(word)
    if (!found) throw badRequest('The priority is none, low, medium, high or urgent.')
    return found
  })
  const category = valueIn(params, 'category')
  const size = wholeIn(params, 1, 'limit')
  const page = wholeIn(params, 1, 'page')
  const limit = page === undefined ? size : (size ?? PAGE_SIZE)
  const envelope = valueIn(params, 'envelope')
  if (envelope !== undefined && envelope !== 'tasks' && envelope !== 'array')
    throw badRequest('envelope is array or tasks.')
  const ordered = descending ? [doneStatuses, openStatuses] : [openStatuses, doneStatuses]
  return {
    filters: {
      sort: name === 'status' ? '-created_at' : `${descending ? '-' : ''}${name}`,
      priority: choices('priority', [...new Set(priorities)]),
      label: choices('tags', listIn(params, 'tags')),
      q: search,
      overdue: flagIn(params, 'overdue'),
    },
    passes:
      name === 'status'
        ? ordered.map((pass) => pass.filter((status) => statuses?.includes(status) ?? true))
        : [statuses],
    keeps:
      category === undefined ? () => true : ({ extra }) => kept(extra, 'category') === category,
    offset:
      page === undefined ? (wholeIn(params, 0, 'offset') ?? 0) : (page - 1) * (limit ?? PAGE_SIZE),
    limit,
    envelope: envelope ?? standard,
  }
}
