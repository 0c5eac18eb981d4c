// The two fields that say whether a task is done. They are read together.
import { invalid } from '../../core/errors.ts'
import { isDone } from '../../features/tasks/index.ts'
import { type Body, type Change, nameIn, spelled } from './body.ts'
import { badRequest } from './problem.ts'
import { originalStatus, statusChoices, statusOf } from './words.ts'

export const statusNames = ['status'] as const
export const completedNames = [
  'completed',
  'is_completed',
  'isCompleted',
  'done',
  'is_done',
] as const

/** Whether a body says that a task is completed, by any name; undefined where it does not say. */
export const completedIn = (body: Body): boolean | undefined => {
  const name = nameIn(body, completedNames)
  const completed = name === undefined ? undefined : (body[name] ?? undefined)
  if (completed !== undefined && typeof completed !== 'boolean')
    throw badRequest(`${name} is true or false.`)
  return completed
}

/** What of a body speaks of the status. */
export const statusPart = (body: Body): Body =>
  Object.fromEntries(
    [...statusNames, ...completedNames]
      .filter((name) => Object.hasOwn(body, name))
      .map((name) => [name, body[name]]),
  )

/** Throws `bad_request`, and `invalid` where `completed` and `status` contradict each other. */
export const statusIn = (body: Body): Change => {
  const byFlag = nameIn(body, completedNames)
  const byWord = nameIn(body, statusNames)
  const completed = completedIn(body)
  const given = byWord === undefined ? undefined : (body[byWord] ?? undefined)
  if (given === undefined)
    return completed === undefined ? {} : { status: completed ? 'completed' : 'pending' }
  const status = statusOf(given)
  if (!status) throw badRequest(`The status is ${statusChoices}.`)
  if (completed !== undefined && completed !== isDone(status))
    throw invalid({
      at: [byFlag as string],
      code: 'contradiction',
      detail: `${byFlag} and status contradict each other: send one of them.`,
    })
  return { status, extra: spelled('status', given, originalStatus(status)) }
}
