// What belongs to tasks, in a calendar: reminders as alarms (RFC 5545, 3.6.6, and RFC 9074), comments,
// and each occurrence that is done as the VTODO that takes its place (RECURRENCE-ID).
import type { Ctx } from '../../core/context.ts'
import { groupBy } from '../../core/group-by.ts'
import { slices } from '../../core/slices.ts'
import { utf8Length } from '../../core/stored-bytes.ts'
import { LISTED } from '../../db/statement.ts'
import { allCommentsOn, type Comment } from '../comments/index.ts'
import { durationOf, OF_COMMENT, OWN } from '../icalendar/index.ts'
import { exportRemindersOf, type KeptReminder } from '../reminders/index.ts'
import { type DoneRow, doneOfTasks } from '../tasks/index.ts'
import type { Kept } from './everything.ts'
import { instant, print, text, wall } from './ics-print.ts'
import type { UidOf } from './ics-uids.ts'
import { occurrenceOf } from './json.ts'

/** The reminders of these tasks, by the ids of the tasks. */
export const remindersOf = async (
  ctx: Ctx,
  page: readonly Kept[],
): Promise<Map<string, KeptReminder[]>> => {
  const found: KeptReminder[] = []
  for (const some of slices(page, LISTED)) {
    const ids = some.map(({ task }) => task.id)
    found.push(...(await exportRemindersOf(ctx, ids)))
  }
  return groupBy(found, ({ task_id }) => task_id)
}

const triggerLine = (
  { trigger, fire_at }: KeptReminder,
  task: Kept['task'],
  reminderTime: string,
): string => {
  if (trigger.kind === 'minutes' || trigger.kind === 'days') {
    const related = trigger.before === 'due' ? 'END' : 'START'
    const duration = durationOf(trigger, task[trigger.before], reminderTime)
    return print('TRIGGER', 'duration', [duration], { related })
  }
  const at = trigger.kind === 'instant' ? trigger.at : (fire_at ?? task.created_at)
  return print('TRIGGER', 'date-time', [`${at.slice(0, 19)}Z`])
}

/** How it was set, and what became of it, is a property of ours: programs keep what they do not know. */
export const alarmLines = (
  reminder: KeptReminder,
  task: Kept['task'],
  reminderTime: string,
): string[] => {
  const { id, task_id: _task, ...kept } = reminder
  const trigger = triggerLine(reminder, task, reminderTime)
  return [
    'BEGIN:VALARM',
    text('UID', id),
    'ACTION:DISPLAY',
    text('DESCRIPTION', task.title),
    trigger,
    // It is not to go off again.
    ...(kept.fired_at === null ? [] : [instant('ACKNOWLEDGED', kept.fired_at)]),
    text(OWN.reminder, JSON.stringify({ ...kept, as: trigger })),
    'END:VALARM',
  ]
}

/** Bytes of the comments on one task: an import takes a VTODO of 1 MiB. */
const MOST_BYTES = 512 * 1024

const commentLine = ({ id, text: said, edited, created_at, updated_at }: Comment): string =>
  text('COMMENT', said, {
    [OF_COMMENT.id.toLowerCase()]: id,
    [OF_COMMENT.created.toLowerCase()]: created_at,
    ...(updated_at !== created_at && { [OF_COMMENT.updated.toLowerCase()]: updated_at }),
    ...(edited && { [OF_COMMENT.edited.toLowerCase()]: 'TRUE' }),
  })

/** The oldest first; what there is no room for is counted. */
export const commentLines = async (ctx: Ctx, task: string): Promise<string[]> => {
  const lines: string[] = []
  let [bytes, leftOut] = [0, 0]
  for await (const page of allCommentsOn(ctx, task))
    for (const comment of page) {
      const line = commentLine(comment)
      bytes += utf8Length(line)
      if (bytes > MOST_BYTES) leftOut++
      else lines.push(line)
    }
  return leftOut === 0 ? lines : [...lines, print(OWN.leftOut, 'integer', [leftOut])]
}

export type OccurrenceOf = { readonly done: DoneRow; readonly task: Kept['task'] }
const OCCURRENCES = 200

export const occurrencesOf = async function* (
  ctx: Ctx,
  page: readonly Kept[],
): AsyncGenerator<OccurrenceOf[]> {
  for (const some of slices(page, LISTED)) {
    const tasks = new Map(some.map(({ task }) => [task.id, task]))
    for (let last: DoneRow | undefined, more = true; more; ) {
      const rows = await doneOfTasks(ctx, [...tasks.keys()], { last, limit: OCCURRENCES })
      const made = rows.flatMap((done) => {
        const task = tasks.get(done.taskId)
        return task ? [{ done, task }] : []
      })
      if (made.length > 0) yield made
      last = rows.at(-1)
      more = rows.length === OCCURRENCES
    }
  }
}

export const occurrenceLines = ({ done, task }: OccurrenceOf, uidOf: UidOf): string[] => {
  const { task_id: _task, ...kept } = occurrenceOf(done)
  const isSkipped = done.outcome === 'skipped'
  return [
    'BEGIN:VTODO',
    text('UID', uidOf(task.id)),
    wall('RECURRENCE-ID', done.slot),
    instant('DTSTAMP', done.doneAt),
    text('SUMMARY', task.title),
    ...(done.start === null ? [] : [wall('DTSTART', done.start)]),
    wall('DUE', done.due),
    text('STATUS', isSkipped ? 'CANCELLED' : 'COMPLETED'),
    ...(isSkipped ? [] : [instant('COMPLETED', done.doneAt)]),
    text(OWN.occurrence, JSON.stringify(kept)),
    'END:VTODO',
  ]
}
