// A user with recurring tasks, and a clock that stands where a test puts it.
import { expect } from 'vitest'
import type { Client } from './client.ts'
import type { Opened } from './databases.ts'
import { createWorld, stillClock } from './world.ts'

export type Recurring = Awaited<ReturnType<typeof recurringWorld>>

/** The task as it is answered. */
type Task = any

export const recurringWorld = async (open?: () => Promise<Opened>) => {
  const clock = stillClock(Date.parse('2026-11-23T09:00:00Z'))
  const world = await createWorld({ clock, ...(open && { open }), bulk: { rows: 8 } })
  const owner = await world.register('Ann')
  const scopes = ['tasks:read', 'tasks:write', 'projects:write']
  const { key } = (await owner.post('/api/v1/api-keys', { name: 'Phone', scopes })).body
  // A key, because a session ends while the clock moves on.
  const ann: Client = world.client(key)
  const path = ({ id }: Task, verb = '') => `/api/v1/tasks/${id}${verb}`
  const good = ({ status, body, text }: Awaited<ReturnType<Client['get']>>): Task => {
    expect(status, text).toBeLessThan(300)
    return body
  }
  return {
    world,
    ann,
    owner,
    path,
    /** Puts the clock there, on which things are done from then on. */
    at: (instant: string) => clock.advance(Date.parse(instant) - clock.now()),
    setZone: async (time_zone: string) => good(await owner.patch('/api/v1/me', { time_zone })),
    make: async (fields: object): Promise<Task> =>
      good(await ann.post('/api/v1/tasks', { title: 'Water the plants', ...fields })),
    get: async (task: Task): Promise<Task> => good(await ann.get(path(task))),
    patch: async (task: Task, patch: object): Promise<Task> =>
      good(await ann.patch(path(task), patch)),
    complete: async (task: Task, body?: object): Promise<Task> =>
      good(await ann.post(path(task, '/complete'), body)),
    skip: async (task: Task, body?: object): Promise<Task> =>
      good(await ann.post(path(task, '/skip'), body)),
    reopen: async (task: Task): Promise<Task> => good(await ann.post(path(task, '/reopen'))),
    past: async (task: Task): Promise<Task[]> =>
      good(await ann.get(path(task, '/occurrences?past'))).items,
    next: async (task: Task, limit: number): Promise<Task[]> =>
      good(await ann.get(path(task, `/occurrences?next&limit=${limit}`))).items,
    close: () => world.close(),
  }
}

export const wall = (time: { date?: string; datetime?: string }): string =>
  time.date ?? time.datetime ?? ''
/** All that an answer says of a task but what every change changes. */
export const lasting = ({ rev: _, updated_at: __, ...rest }: Task): Task => rest
