import { withScope } from '../../core/access.ts'
import { defineOperation } from '../../core/operation.ts'
import { pageSchema } from '../../core/schemas.ts'
import { listActivity } from './list.ts'
import { activityQuery, Event } from './schemas.ts'

const page = { description: 'A page of events.', schema: pageSchema('EventPage', Event) }
const common = { query: activityQuery, output: page } as const
/** It tells of projects, labels and the account, too. */
const ofAll = withScope('data:read')

export const activityOperations = [
  defineOperation({
    ...common,
    id: 'listActivity',
    access: ofAll,
    summary: 'List what happened',
    description:
      'The newest first: each change of a task, project, label, comment, reminder of the caller, or of the account, with who made it, and what became of reminders. Also of what is gone for good. Kept for 180 days, unless the operator says otherwise.',
    run: (ctx, { query }) => listActivity(ctx, { of: 'all' }, query),
  }),
  defineOperation({
    ...common,
    id: 'listTaskActivity',
    access: withScope('tasks:read'),
    summary: 'List what happened to a task',
    description:
      'The newest first, with its comments and the reminders of the caller; also of a task in the trash.',
    takesId: true,
    run: (ctx, { id, query }) => listActivity(ctx, { of: 'task', id }, query),
  }),
  defineOperation({
    ...common,
    id: 'listProjectActivity',
    access: ofAll,
    summary: 'List what happened in a project',
    description:
      'The newest first: of the project, and of the tasks that were in it by then. A page may have fewer than `limit`, or none, and still a `next_cursor`: a request looks at 2,000 events of the account.',
    takesId: true,
    run: (ctx, { id, query }) => listActivity(ctx, { of: 'project', id }, query),
  }),
] as const
