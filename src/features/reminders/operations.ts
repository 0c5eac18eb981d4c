import { withScope } from '../../core/access.ts'
import { defineOperation } from '../../core/operation.ts'
import { pageQuery, pageSchema } from '../../core/schemas.ts'
import { z } from '../../core/zod.ts'
import { createReminder } from './create.ts'
import { deleteReminder } from './delete.ts'
import { getReminder } from './get.ts'
import { listReminders, listTaskReminders } from './list.ts'
import {
  MAX_REMINDERS,
  NewReminder,
  Reminder,
  ReminderPatch,
  reminderFilters,
  TaskReminders,
} from './schemas.ts'
import { updateReminder } from './update.ts'

const read = withScope('tasks:read')
const write = withScope('tasks:write')
const reminder = (description: string) => ({ description, schema: Reminder })

export const reminderOperations = [
  defineOperation({
    id: 'listReminders',
    summary: 'List the reminders that have a time',
    description:
      'Those of the caller, by `fire_at`, those that have fired or were missed included. A client that polls asks for `fired_since`.',
    access: read,
    query: z.object({ ...reminderFilters, ...pageQuery }).strict(),
    output: { description: 'A page of reminders.', schema: pageSchema('ReminderPage', Reminder) },
    run: (ctx, { query: { fired_since: firedSince, ...query } }) =>
      listReminders(ctx, { ...query, firedSince }),
  }),
  defineOperation({
    id: 'listTaskReminders',
    summary: 'List the reminders of a task',
    description: 'Those of the caller, oldest first.',
    access: read,
    takesId: true,
    output: { description: 'All of them.', schema: TaskReminders },
    run: (ctx, { id }) => listTaskReminders(ctx, id),
  }),
  defineOperation({
    id: 'createReminder',
    summary: 'Set a reminder for a task',
    description: `At most ${MAX_REMINDERS} a task. Others who see the task do not see it. One whose time has passed by less than 24 hours fires at once.`,
    access: write,
    takesId: true,
    body: NewReminder,
    idempotent: true,
    output: reminder('The new reminder.'),
    refuses: ['trashed', 'quota_exceeded', 'write_conflict'],
    run: (ctx, { id, body }) => createReminder(ctx, { task: id, reminder: body }),
  }),
  defineOperation({
    id: 'getReminder',
    summary: 'Read a reminder',
    access: read,
    takesId: true,
    output: reminder('The reminder.'),
    run: (ctx, { id }) => getReminder(ctx, id),
  }),
  defineOperation({
    id: 'updateReminder',
    summary: 'Set a reminder for another time',
    description: 'It waits for it, also where it has fired: so it snoozes.',
    access: write,
    takesId: true,
    body: ReminderPatch,
    ifMatch: 'optional',
    output: reminder('The reminder as it is now.'),
    refuses: ['trashed', 'write_conflict'],
    run: (ctx, { id, ifMatch, body }) => updateReminder(ctx, { id, ifMatch, patch: body }),
  }),
  defineOperation({
    id: 'deleteReminder',
    summary: 'Delete a reminder',
    access: write,
    takesId: true,
    ifMatch: 'optional',
    output: { description: 'Deleted.' },
    refuses: ['write_conflict'],
    run: (ctx, { id, ifMatch }) => deleteReminder(ctx, { id, ifMatch }),
  }),
] as const
