// What people do that depends most on the settings of a database's session.
import { expect } from 'vitest'
import { openDatabase } from '../../../src/runtimes/node/database.ts'
import { findDatabaseTarget } from '../../../src/runtimes/node/database-target.ts'
import type { Opened } from '../../support/databases.ts'
import { createWorld } from '../../support/world.ts'

const targetOf = (databaseUrl: string) =>
  findDatabaseTarget({ databaseUrl, dataDir: undefined, spaceId: undefined })

/** As the service opens it. */
export const openAt = async (databaseUrl: string, databasePoolSize = 3): Promise<Opened> => {
  const { db } = await openDatabase(targetOf(databaseUrl), { databasePoolSize, migrate: 'auto' })
  return { db, close: () => db.close() }
}

/** Thirty labels, their names as long as they may be: a list of them is longer than small limits. */
const names = Array.from({ length: 30 }, (_, i) => `${String(i).padStart(2, '0')}${'é'.repeat(38)}`)
const TITLE = 'O\'Reilly "quotes" \\ back 😀 日本語  '

/** Everything that is answered here is the same on a database with the usual settings. */
export const holdSession = async (url: string): Promise<void> => {
  const world = await createWorld({ open: () => openAt(url) })
  try {
    const ada = await world.register('Ada')
    const made = await ada.post('/api/v1/tasks', {
      title: `${TITLE}x`,
      description: '',
      labels: names,
    })
    expect(made).toMatchObject({ status: 201, body: { title: `${TITLE}x`, description: '' } })
    const task = made.headers.get('Location') ?? ''
    expect([...(await ada.get(task)).body.labels].sort()).toEqual(names)

    const { items } = (await ada.get('/api/v1/labels?limit=100')).body
    const first = items.find(({ name }: { name: string }) => name === names[0])
    expect((await ada.patch(`/api/v1/labels/${first.id}`, { name: 'zz' })).status).toBe(200)
    expect([...(await ada.get(task)).body.labels].sort()).toEqual([...names.slice(1), 'zz'])

    // A tree of ten levels is moved, deleted and restored as a whole.
    let parent = made.body
    const line = [made.body.id]
    for (let level = 2; level <= 10; level++) {
      parent = (await ada.post('/api/v1/tasks', { title: `level ${level}`, parent_id: parent.id }))
        .body
      line.push(parent.id)
    }
    expect((await ada.post('/api/v1/tasks', { title: '11', parent_id: parent.id })).status).toBe(
      422,
    )
    expect((await ada.delete(task)).status).toBe(204)
    expect((await ada.get('/api/v1/tasks?limit=200')).body.items).toEqual([])
    expect((await ada.post(`${task}/restore`, {})).status).toBe(200)
    const back = (await ada.get('/api/v1/tasks?limit=200')).body.items
    expect(back.map(({ id }: { id: string }) => id).sort()).toEqual([...line].sort())

    // Instants are what they were, and are compared as such.
    const again = (await ada.get(task)).body
    expect(again.created_at).toBe(made.body.created_at)
    const since = await ada.get(
      `/api/v1/tasks?updated_since=${encodeURIComponent(again.updated_at)}`,
    )
    expect(since.body.items.map(({ id }: { id: string }) => id)).toContain(again.id)

    // Foreign keys are kept: what belongs to an account goes with it.
    const gone = await ada.send('DELETE', '/api/v1/me', { password: ada.password })
    expect(gone.status).toBe(204)
    expect((await ada.get('/api/v1/me')).status).toBe(401)
    await world.register('Ada')
  } finally {
    await world.close()
  }
}
