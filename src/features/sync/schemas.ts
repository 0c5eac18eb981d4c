// The shapes of changes.
import { entities } from '../../core/change-log.ts'
import { Id, limitUpTo } from '../../core/schemas.ts'
import { component, exampleIn, z } from '../../core/zod.ts'
import { User } from '../account/index.ts'
import { Comment } from '../comments/index.ts'
import { Label } from '../labels/index.ts'
import { Project } from '../projects/index.ts'
import { Reminder } from '../reminders/index.ts'
import { Task } from '../tasks/index.ts'

const TOKEN = 'WyIwMTk5YzJmNCIsIjAxOTljMmY1Iiw0MTIsImZmZmZmZmZmIl0'
const SyncToken = component('SyncToken', z.string(), {
  description: 'How far a client has read: text that means nothing to it.',
  example: TOKEN,
})

export const changesQuery = z.strictObject({
  since: z.string().max(500).optional().openapi({
    description: 'The `token` of the page before. Without it all there is, page by page.',
  }),
  limit: limitUpTo(500, 100, 'How many changes at most. A page of long texts has fewer.'),
})

const ChangedEntity = component('ChangedEntity', z.enum(entities), {
  description: 'A later version may add kinds.',
})
const Gone = z.object({ entity: ChangedEntity, id: Id }).openapi('Gone', {
  description:
    'Deleted for good, or no longer visible. What is in the trash is not gone: it has a `deleted_at`.',
  example: { entity: 'task', id: '0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a' },
})

export const Changes = z
  .object({
    gone: z.array(Gone).openapi({
      description:
        'To be taken out of the copy before the others are put in. A task takes its comments and reminders along. A project takes nothing along: its tasks go to the trash, and are in `tasks`.',
    }),
    users: z.array(User).openapi({
      description: 'The caller: on the first page, and when that has changed.',
    }),
    projects: z.array(Project),
    tasks: z.array(Task),
    labels: z.array(Label),
    comments: z.array(Comment),
    reminders: z.array(Reminder).openapi({
      description: 'Also those that wait for their time, of each task that is in this page.',
    }),
    token: SyncToken,
    has_more: z
      .boolean()
      .openapi({ description: 'Is there a next page now? Ask for it with `token` at once.' }),
  })
  .openapi('Changes', {
    example: {
      gone: [{ entity: 'label', id: '0199c2f4-6b3c-7d4e-9f50-6b7c8d9e0f1a' }],
      users: [],
      projects: [],
      tasks: [exampleIn(Task)],
      labels: [],
      comments: [],
      reminders: [],
      token: TOKEN,
      has_more: false,
    },
  })
export type Changes = z.output<typeof Changes>

export const Pokes = z.string().openapi('Pokes', {
  description: 'Events named `changes`, each with a sync token, and comments that keep it open.',
  example: `event: changes\ndata: {"token":"${TOKEN}"}\n\n`,
})
