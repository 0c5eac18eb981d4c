// What the document of the API says of itself.
import type { About } from '../openapi.ts'
import { documentedCodes, exampleOf } from '../problem-examples.ts'

export const v1About: About = {
  title: 'Taskport',
  description:
    'A task backend for many users. To try it here: execute register or login under Sign-in, copy `access_token` out of the answer, and paste it into Authorize. It lasts 15 minutes. Errors are application/problem+json (RFC 9457); lists are paged by cursor; ETag and If-Match guard changes.',
  // The page of the document orders them as here (`pages/docs.js`).
  tags: {
    'Sign-in': 'Accounts, tokens and sessions.',
    Account: 'The account of the caller.',
    'API keys': 'Keys for programs, each with its scopes.',
    Projects: 'Projects; every user has an inbox.',
    Tasks: 'Tasks, their lists and their trash.',
    Comments: 'Comments on tasks.',
    Labels: 'Labels, which tasks carry by name.',
    Reminders: 'Reminders of tasks, each of one user.',
    Batch: 'Many requests in one, and one change of many tasks.',
    Sync: 'What has changed, for programs that keep a copy.',
    Activity: 'What happened, when, and who did it.',
    Webhooks: 'Programs that are told of what happens.',
    'Export and import': 'Everything of a user as a file, and files of other programs.',
    System: 'The service itself.',
  },
  examples: Object.fromEntries(documentedCodes.map((code) => [code, exampleOf(code)])),
}
