// Random requests of one user. What they are about is known from the answers, which both services
// have given alike.
import { pick } from '../../../bench/data/random.ts'
import { idOf, type Request } from './side.ts'
import { nameOf, textOf } from './texts.ts'

type Random = () => number
export type Step = Request | { readonly list: string }
export type Kind = 'tasks' | 'projects' | 'labels'
/** The numbers of things that were made, those that are gone by now included. */
export type Known = { readonly [K in Kind]: number[] }

const priorities = ['none', 'low', 'medium', 'high', 'urgent'] as const
const statuses = ['pending', 'in_progress', 'completed', 'cancelled'] as const
const times = [
  null,
  { date: '2026-11-20' },
  { date: '2026-12-24' },
  { datetime: '2026-12-24T00:00:00' },
  { datetime: '2026-12-24T09:00:00' },
  { datetime: '2026-12-24T09:00:00', time_zone: 'Asia/Kolkata' },
  { datetime: '2026-11-20T09:00:00', time_zone: 'America/New_York' },
] as const
const sorts = ['created_at', 'updated_at', 'due', 'priority', 'position', 'title'] as const
const bounds = ['2026-12-24', '2026-12-24T03:30:00Z', '2026-11-20'] as const

const several = <T>(random: Random, most: number, make: () => T): T[] =>
  Array.from({ length: Math.floor(random() * (most + 1)) }, make)

export const createSteps = (random: Random, known: Known) => {
  const chance = (of: number) => random() < of
  const one = (kind: Kind) => idOf(known[kind].length > 0 ? pick(random, known[kind]) : 0)
  /** Of the latest, so that some of them are there. */
  const recent = (kind: Kind) => idOf(pick(random, [...known[kind].slice(-12), 0]))
  const any = (kind: Kind) => (chance(0.7) ? recent(kind) : one(kind))

  const fields = (all: boolean) => ({
    ...((all || chance(0.5)) && { title: textOf(random) }),
    ...(chance(0.4) && { description: several(random, 6, () => textOf(random)).join(' ') }),
    ...(chance(0.5) && { labels: several(random, 4, () => nameOf(random)) }),
    ...(chance(0.4) && { due: pick(random, times) }),
    ...(chance(0.2) && { start: pick(random, times) }),
    ...(chance(0.4) && { priority: pick(random, priorities) }),
    ...(chance(0.3) && { status: pick(random, statuses) }),
    ...(chance(0.2) && { parent_id: chance(0.3) ? null : recent('tasks') }),
    ...(chance(0.2) && { project_id: any('projects') }),
  })
  const named = () => ({
    ...(chance(0.9) && { name: nameOf(random) }),
    ...(chance(0.2) && { color: pick(random, ['#A0B0C0', null]) }),
  })
  const key = () => (chance(0.1) ? { headers: { 'Idempotency-Key': nameKey() } } : {})
  const nameKey = () => `key ${Math.floor(random() * 40)}`

  const filters = () => {
    const query = new URLSearchParams()
    const add = (name: string, of: number, value: () => string, most = 2) => {
      if (chance(of))
        for (const each of [value(), ...several(random, most, value)]) query.append(name, each)
    }
    add('sort', 0.8, () => `${chance(0.5) ? '-' : ''}${pick(random, sorts)}`, 0)
    add('limit', 0.7, () => String(pick(random, [1, 3, 7, 50, 200])), 0)
    add('label', 0.3, () => nameOf(random))
    add('q', 0.3, () => textOf(random), 0)
    add('status', 0.15, () => pick(random, statuses))
    add('priority', 0.15, () => pick(random, priorities))
    add('project_id', 0.15, () => any('projects'))
    add('parent_id', 0.15, () => (chance(0.5) ? 'none' : any('tasks')))
    add('due_before', 0.1, () => pick(random, bounds), 0)
    add('due_after', 0.1, () => pick(random, bounds), 0)
    add('overdue', 0.1, () => String(chance(0.5)), 0)
    add('deleted', 0.2, () => String(chance(0.7)), 0)
    return `/api/v1/tasks?${query.toString().replaceAll('%23', '#')}`
  }
  const task = () => `/api/v1/tasks/${any('tasks')}`
  const steps: readonly (readonly [number, () => Step])[] = [
    [25, () => ({ method: 'POST', path: '/api/v1/tasks', body: fields(true), ...key() })],
    [15, () => ({ method: 'PATCH', path: task(), body: fields(false) })],
    [3, () => ({ method: 'PUT', path: task(), body: fields(true), headers: { 'If-Match': '*' } })],
    [4, () => ({ method: 'DELETE', path: task() })],
    [3, () => ({ method: 'POST', path: `${task()}/restore` })],
    [3, () => ({ method: 'POST', path: `${task()}/complete` })],
    [2, () => ({ method: 'POST', path: `${task()}/reopen` })],
    [
      5,
      () => ({
        method: 'POST',
        path: `${task()}/move`,
        body: {
          ...(chance(0.4) && { [pick(random, ['before', 'after'])]: recent('tasks') }),
          ...(chance(0.2) && { project_id: any('projects') }),
          ...(chance(0.3) && { parent_id: chance(0.5) ? null : recent('tasks') }),
        },
      }),
    ],
    [3, () => ({ method: 'GET', path: task() })],
    [5, () => ({ method: 'POST', path: '/api/v1/labels', body: named() })],
    [5, () => ({ method: 'PATCH', path: `/api/v1/labels/${any('labels')}`, body: named() })],
    [2, () => ({ method: 'DELETE', path: `/api/v1/labels/${any('labels')}` })],
    [3, () => ({ method: 'POST', path: '/api/v1/projects', body: named() })],
    [3, () => ({ method: 'PATCH', path: `/api/v1/projects/${any('projects')}`, body: named() })],
    [1, () => ({ method: 'DELETE', path: `/api/v1/projects/${any('projects')}` })],
    [2, () => ({ method: 'POST', path: '/api/#0#/tasks', body: fields(true) })],
    [
      1,
      () => ({ method: 'GET', path: `/api/#0#/tasks?status=${pick(random, ['all', 'pending'])}` }),
    ],
    [3, () => ({ method: 'GET', path: '/api/v1/me' })],
    [3, () => ({ list: `/api/v1/labels?limit=${pick(random, [2, 5, 200])}` })],
    [2, () => ({ list: `/api/v1/projects?limit=${pick(random, [2, 5, 200])}` })],
    [20, () => ({ list: filters() })],
  ]
  const weighted = steps.flatMap(([weight, make]) => Array.from({ length: weight }, () => make))
  return (): Step => pick(random, weighted)()
}
