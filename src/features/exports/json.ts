// Everything of a user as one JSON document, a thing a line.
import type { Ctx } from '../../core/context.ts'
import { instantOf } from '../../db/instant.ts'
import type { Label } from '../labels/index.ts'
import type { Project } from '../projects/index.ts'
import { allLabels, allProjects, allTasks, type Kept, settingsOf } from './everything.ts'
import {
  type ExportDocument,
  type ExportedLabel,
  type ExportedProject,
  type ExportedTask,
  VERSION,
} from './schemas.ts'

const taskOf = ({ task, project }: Kept): ExportedTask => {
  const { created_by: _by, rev: _rev, ...kept } = task
  return { ...kept, project_id: project.inbox ? null : project.id }
}
const projectOf = ({ inbox: _inbox, rev: _rev, ...project }: Project): ExportedProject => project
const labelOf = ({ id: _id, rev: _rev, ...label }: Label): ExportedLabel => label

const member = <N extends keyof ExportDocument>(name: N, value: ExportDocument[N]): string =>
  `"${name}":${JSON.stringify(value)}`

export const jsonOf = async function* (ctx: Ctx): AsyncGenerator<string> {
  const counts = { tasks: 0, projects: 0, labels: 0 }
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
