// Everything of a user as one JSON document, a thing a line.
import type { Ctx } from '../../core/context.ts'
import { fromColumns } from '../../core/wall-clock.ts'
import { instantOf } from '../../db/instant.ts'
import type { Comment } from '../comments/index.ts'
import type { Label } from '../labels/index.ts'
import type { Project } from '../projects/index.ts'
import type { DoneRow } from '../tasks/index.ts'
import {
  allLabels,
  allOccurrences,
  allOfComments,
  allProjects,
  allReminders,
  allTasks,
  type Kept,
  settingsOf,
} from './everything.ts'
import {
  type ExportDocument,
  type ExportedComment,
  type ExportedLabel,
  type ExportedOccurrence,
  type ExportedProject,
  type ExportedTask,
  VERSION,
} from './schemas.ts'

const taskOf = ({ task, project }: Kept): ExportedTask => {
  const { created_by: _by, rev: _rev, ...kept } = task
  return { ...kept, project_id: project.inbox ? null : project.id }
}
export const occurrenceOf = ({ id, taskId, slot, undo, ...done }: DoneRow): ExportedOccurrence => {
  const starts = fromColumns(...undo.starts)
  return {
    id,
    task_id: taskId,
    occurrence: slot,
    due: done.due,
    start: done.start,
    outcome: done.outcome,
    done_at: done.doneAt,
    status: undo.status,
    recurrence_left: undo.left,
    rule: undo.rule,
    starts: starts ?? slot,
  }
}
const commentOf = ({ created_by: _by, rev: _rev, ...comment }: Comment): ExportedComment => comment
const projectOf = ({ inbox: _inbox, rev: _rev, ...project }: Project): ExportedProject => project
const labelOf = ({ id: _id, rev: _rev, ...label }: Label): ExportedLabel => label

const member = <N extends keyof ExportDocument>(name: N, value: ExportDocument[N]): string =>
  `"${name}":${JSON.stringify(value)}`

export const jsonOf = async function* (ctx: Ctx): AsyncGenerator<string> {
  const counts = {
    tasks: 0,
    occurrences: 0,
    reminders: 0,
    comments: 0,
    projects: 0,
    labels: 0,
  }
  const list = async function* <T>(
    name: keyof typeof counts,
    pages: AsyncIterable<readonly T[]>,
    make: (one: T) => unknown,
  ): AsyncGenerator<string> {
    yield `"${name}":[`
    for await (const page of pages) {
      let text = ''
      for (const one of page)
        text += `${counts[name]++ === 0 ? '' : ','}\n${JSON.stringify(make(one))}`
      if (text !== '') yield text
    }
    yield '\n],\n'
  }
  const head = [
    member('format', 'taskport'),
    member('version', VERSION),
    member('exported_at', instantOf(ctx.clock.now())),
  ]
  yield `{${head.join(',')},\n${member('settings', await settingsOf(ctx))},\n`
  yield* list('tasks', allTasks(ctx, { trash: true }), taskOf)
  yield* list('occurrences', allOccurrences(ctx), occurrenceOf)
  yield* list('reminders', allReminders(ctx), (reminder) => reminder)
  yield* list('comments', allOfComments(ctx), commentOf)
  // Behind the tasks, so that each project and label that a task names is there.
  let inbox: Project | undefined
  const projects = async function* () {
    for await (const page of allProjects(ctx)) {
      inbox = page.find((project) => project.inbox) ?? inbox
      yield page.filter((project) => !project.inbox)
    }
  }
  yield* list('projects', projects(), projectOf)
  if (inbox) {
    const { name, color, position, updated_at } = inbox
    yield `${member('inbox', { name, color, position, updated_at })},\n`
  }
  yield* list('labels', allLabels(ctx), labelOf)
  yield `${member('end', counts)}}\n`
}
