// Random changes of one user, by every operation that changes what the user sees.
import { pick } from '../../../bench/data/random.ts'
import type { Answer, Client } from '../client.ts'

type Random = () => number
type Ids = Record<'tasks' | 'projects' | 'labels' | 'comments' | 'reminders', string[]>
type Ask = { readonly method: string; readonly path: string; readonly body?: unknown }

const DAYS = ['2026-11-20', '2026-12-01', '2026-12-24'] as const
const NAMES = ['home', 'work', 'errand', 'later', 'Ünë'] as const
const actions = [
  { action: 'complete' },
  { action: 'reopen' },
  { action: 'trash' },
  { action: 'add_labels', labels: ['bulk'] },
  { action: 'remove_labels', labels: ['home', 'bulk'] },
  { action: 'set_priority', priority: 'high' },
  { action: 'set_due', due: { date: '2026-12-24' } },
  { action: 'shift', days: 3 },
] as const

/** A task that recurs, with a reminder, a comment and a day on which it was done already. */
const calendar = (title: string): string =>
  [
    'BEGIN:VCALENDAR',
    'BEGIN:VTODO',
    `UID:${title}`,
    `SUMMARY:${title}`,
    'DUE;VALUE=DATE:20261120',
    'RRULE:FREQ=DAILY',
    'COMMENT:from a calendar',
    'BEGIN:VALARM',
    'TRIGGER:-PT15M',
    'END:VALARM',
    'END:VTODO',
    'BEGIN:VTODO',
    `UID:${title}`,
    'RECURRENCE-ID;VALUE=DATE:20261120',
    `SUMMARY:${title}`,
    'STATUS:COMPLETED',
    'COMPLETED:20261120T080000Z',
    'END:VTODO',
    'END:VCALENDAR',
  ]
    .map((line) => `${line}\r\n`)
    .join('')

export type Writer = {
  /** Makes one change; answers what it was, and its answer. */
  write(client: Client, userId: string): Promise<{ readonly ask: Ask; readonly answer: Answer }>
}

/** `soon` is a time at which reminders are to fire while others follow. */
export const createWriter = (random: Random, soon?: () => string): Writer => {
  const ids: Ids = { tasks: [], projects: [], labels: [], comments: [], reminders: [] }
  const chance = (of: number) => random() < of
  const any = (kind: keyof Ids) =>
    pick(random, ids[kind].length > 0 ? ids[kind] : ['0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f'])
  /** Of the latest, so that many of them are there. */
  const recent = (kind: keyof Ids) =>
    chance(0.7) ? (ids[kind].at(-1 - Math.floor(random() * 6)) ?? any(kind)) : any(kind)
  const some = <T>(list: readonly T[]) => list.filter(() => chance(0.4))
  const title = () => `t${Math.floor(random() * 1_000)}`
  const recurrence = () => ({ rule: pick(random, ['FREQ=DAILY', 'FREQ=WEEKLY;COUNT=3']) })
  const fields = () => ({
    ...(chance(0.6) && { title: title() }),
    ...(chance(0.3) && { description: 'x '.repeat(Math.floor(random() * 30)) }),
    ...(chance(0.4) && { labels: some(NAMES) }),
    ...(chance(0.4) && { due: chance(0.2) ? null : { date: pick(random, DAYS) } }),
    ...(chance(0.2) && { start: { date: pick(random, DAYS) } }),
    ...(chance(0.3) && { priority: pick(random, ['none', 'low', 'high'] as const) }),
    ...(chance(0.3) && { parent_id: chance(0.3) ? null : recent('tasks') }),
    ...(chance(0.2) && { project_id: recent('projects') }),
    ...(chance(0.2) && { blocked_by: [...new Set([recent('tasks'), recent('tasks')])] }),
    ...(chance(0.2) && { status: pick(random, ['pending', 'completed', 'cancelled'] as const) }),
    ...(chance(0.1) && { deadline: pick(random, DAYS) }),
    ...(chance(0.1) && { url: 'https://example.org/', estimate_minutes: 30 }),
    ...(chance(0.1) && { extra: { color: title() } }),
    ...(chance(0.15) && { due: { date: pick(random, DAYS) }, recurrence: recurrence() }),
  })
  const trigger = () =>
    pick(random, [
      { kind: 'instant', at: '2026-11-24T08:00:00.000Z' },
      ...(soon ? [{ kind: 'instant', at: soon() }] : []),
      { kind: 'day', date: '2026-12-01' },
      { kind: 'floating', datetime: '2026-12-02T10:00:00' },
      { kind: 'minutes', before: 'due', minutes: 30 },
      { kind: 'days', before: 'start', days: 1 },
    ])
  const task = () => `/api/v1/tasks/${recent('tasks')}`
  const newTask = () => ({ ...fields(), title: title() })
  const filter = () =>
    pick(random, [
      { status: ['pending'] },
      { label: [pick(random, NAMES)] },
      { priority: ['high'] },
      { project_id: [recent('projects')] },
    ])
  const inBatch = (): object =>
    pick(random, [
      () => ({ operation: 'createTask', params: { body: newTask() } }),
      () => ({ operation: 'updateTask', params: { id: recent('tasks'), body: fields() } }),
      () => ({ operation: 'completeTask', params: { id: recent('tasks') } }),
      () => ({ operation: 'deleteTask', params: { id: recent('tasks') } }),
      () => ({ operation: 'createLabel', params: { body: { name: title() } } }),
      () => ({
        operation: 'createComment',
        params: { id: recent('tasks'), body: { text: title() } },
      }),
      () => ({
        operation: 'createReminder',
        params: { id: recent('tasks'), body: { trigger: trigger() } },
      }),
      () => ({ operation: 'reopenTask', params: { id: recent('tasks') } }),
      () => ({
        operation: 'updateLabel',
        params: { id: recent('labels'), body: { name: title() } },
      }),
      () => ({ operation: 'deleteProject', params: { id: recent('projects') } }),
    ])()
  const asks: readonly (readonly [weight: number, make: (userId: string) => Ask])[] = [
    [16, () => ({ method: 'POST', path: '/api/v1/tasks', body: newTask() })],
    [12, () => ({ method: 'PATCH', path: task(), body: fields() })],
    [5, () => ({ method: 'DELETE', path: task() })],
    [2, () => ({ method: 'DELETE', path: `${task()}?permanent=true` })],
    [4, () => ({ method: 'POST', path: `${task()}/restore` })],
    [5, () => ({ method: 'POST', path: `${task()}/complete` })],
    [3, () => ({ method: 'POST', path: `${task()}/reopen` })],
    [
      3,
      () => ({
        method: 'POST',
        path: `${task()}/${pick(random, ['complete', 'skip', 'reopen'])}`,
        body: { occurrence: { date: pick(random, DAYS) } },
      }),
    ],
    [2, () => ({ method: 'POST', path: `${task()}/skip` })],
    [
      4,
      () => ({
        method: 'POST',
        path: `${task()}/move`,
        body: chance(0.5)
          ? { [pick(random, ['before', 'after'])]: recent('tasks') }
          : { project_id: recent('projects'), parent_id: null },
      }),
    ],
    [1, () => ({ method: 'DELETE', path: '/api/v1/trash' })],
    [
      3,
      () => ({
        method: 'POST',
        path: '/api/v1/tasks/bulk',
        body: {
          filter: filter(),
          change: chance(0.2)
            ? { action: 'move', project_id: recent('projects') }
            : pick(random, actions),
        },
      }),
    ],
    [
      3,
      () => ({
        method: 'POST',
        path: '/api/v1/batch',
        body: { operations: Array.from({ length: 1 + Math.floor(random() * 6) }, inBatch) },
      }),
    ],
    [5, () => ({ method: 'POST', path: `${task()}/comments`, body: { text: title() } })],
    [
      2,
      () => ({
        method: 'PATCH',
        path: `/api/v1/comments/${recent('comments')}`,
        body: { text: title() },
      }),
    ],
    [2, () => ({ method: 'DELETE', path: `/api/v1/comments/${recent('comments')}` })],
    [5, () => ({ method: 'POST', path: `${task()}/reminders`, body: { trigger: trigger() } })],
    [
      2,
      () => ({
        method: 'PATCH',
        path: `/api/v1/reminders/${recent('reminders')}`,
        body: { trigger: trigger() },
      }),
    ],
    [2, () => ({ method: 'DELETE', path: `/api/v1/reminders/${recent('reminders')}` })],
    [
      3,
      () => ({
        method: 'POST',
        path: '/api/v1/labels',
        body: { name: pick(random, [...NAMES, title()]) },
      }),
    ],
    [
      3,
      () => ({
        method: 'PATCH',
        path: `/api/v1/labels/${recent('labels')}`,
        body: { name: title() },
      }),
    ],
    [2, () => ({ method: 'DELETE', path: `/api/v1/labels/${recent('labels')}` })],
    [3, () => ({ method: 'POST', path: '/api/v1/projects', body: { name: title() } })],
    [
      2,
      () => ({
        method: 'PATCH',
        path: `/api/v1/projects/${recent('projects')}`,
        body: { archived: chance(0.5) },
      }),
    ],
    [1, () => ({ method: 'DELETE', path: `/api/v1/projects/${recent('projects')}` })],
    [
      2,
      () => ({
        method: 'PATCH',
        path: '/api/v1/me',
        body: pick(random, [
          { time_zone: pick(random, ['Europe/Berlin', 'Asia/Kolkata', 'UTC']) },
          { reminder_time: pick(random, ['08:00', '09:30']) },
          { name: title() },
        ]),
      }),
    ],
    [2, (userId) => ({ method: 'POST', path: `/api/${userId}/tasks`, body: { title: title() } })],
    [1, () => ({ method: 'POST', path: '/api/v1/import?format=ics', body: calendar(title()) })],
    [
      1,
      () => ({
        method: 'POST',
        path: '/api/v1/import?format=todotxt',
        body: `2026-11-01 ${title()} +Project @imported\nx 2026-11-02 2026-11-01 ${title()} @home`,
      }),
    ],
  ]
  const weighted = asks.flatMap(([weight, make]) => Array.from({ length: weight }, () => make))
  const made = /^\/api\/v1\/(?:tasks\/[^/]+\/)?(tasks|projects|labels|comments|reminders)$/
  return {
    write: async (client, userId) => {
      const ask = pick(random, weighted)(userId)
      const headers = ask.path.startsWith('/api/v1/import')
        ? { 'Content-Type': 'application/octet-stream' }
        : {}
      const answer = await client.send(ask.method, ask.path, ask.body, headers)
      const kind = made.exec(ask.path)?.[1] as keyof Ids | undefined
      if (answer.status === 201 && kind) ids[kind].push(answer.body.id)
      for (const one of ask.path === '/api/v1/batch' ? (answer.body.results ?? []) : [])
        if (one.status === 201 && 'title' in one.body) ids.tasks.push(one.body.id)
      return { ask, answer }
    },
  }
}
