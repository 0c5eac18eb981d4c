// How many of a task's direct subtasks are completed.
import { inArray, sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ownAccount } from '../../../src/core/parties.ts'
import { compile, write } from '../../../src/db/statement.ts'
import { countChildren } from '../../../src/features/maintenance/index.ts'
import { countRevised } from '../../../src/features/tasks/index.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { maintainFor } from '../../support/maintenance.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const tasks = '/api/v1/tasks'
type Made = { id: string; rev: string; updated_at: string; project_id: string }

describeEachDatabase('progress', (open) => {
  let world: World
  let ann: User
  beforeAll(async () => {
    world = await createWorld({ open, bulk: { rows: 5 } })
    ann = await world.register('Ann')
  })
  afterAll(() => world.close())

  const make = async (fields: object = {}): Promise<Made> =>
    (await ann.post(tasks, { title: 'Sweep', ...fields })).body
  const below = (parent: Made, fields: object = {}) => make({ parent_id: parent.id, ...fields })
  const read = async ({ id }: { id: string }) => (await ann.get(`${tasks}/${id}`)).body
  const progressOf = async (task: Made) => {
    const { progress } = await read(task)
    return progress && `${progress.completed}/${progress.total}`
  }

  test('counts direct subtasks, as they are made and change', async () => {
    const parent = await make()
    expect(await progressOf(parent)).toBeNull()
    const first = await below(parent)
    const counted = await read(parent)
    expect(counted).toMatchObject({ progress: { completed: 0, total: 1 } })
    expect(counted.rev).not.toBe(parent.rev)
    expect(counted.updated_at > parent.updated_at).toBe(true)
    const second = await below(parent, { status: 'completed' })
    await below(first)
    await below(parent, { status: 'cancelled' })
    expect(await progressOf(parent)).toBe('1/2')
    await ann.post(`${tasks}/${first.id}/complete`)
    expect(await progressOf(parent)).toBe('2/2')
    await ann.patch(`${tasks}/${second.id}`, { status: 'cancelled' })
    expect(await progressOf(parent)).toBe('1/1')
    await ann.post(`${tasks}/${second.id}/reopen`)
    await ann.patch(`${tasks}/${first.id}`, { status: 'in_progress' })
    expect(await progressOf(parent)).toBe('0/2')
    const { rev } = await read(parent)
    await ann.patch(`${tasks}/${first.id}`, { status: 'pending', title: 'Same' })
    expect((await read(parent)).rev).toBe(rev)
    const cached = { 'If-None-Match': `"${parent.rev}"` }
    expect((await ann.get(`${tasks}/${parent.id}`, cached)).status).toBe(200)
    const changed = await ann.get(`${tasks}?updated_since=${counted.updated_at}&limit=200`)
    expect(changed.body.items.map((t: Made) => t.id)).toContain(parent.id)
    expect(
      (await ann.put(`${tasks}/${parent.id}`, await read(parent), { 'If-Match': `"${rev}"` })).body
        .progress,
    ).toEqual({ completed: 0, total: 2 })
  })

  test('a subtask that moves counts where it is, also with a change of its status', async () => {
    const [from, to] = [await make(), await make()]
    const child = await below(from)
    await ann.patch(`${tasks}/${child.id}`, { parent_id: to.id, status: 'completed' })
    expect([await progressOf(from), await progressOf(to)]).toEqual([null, '1/1'])
    await ann.post(`${tasks}/${child.id}/move`, { parent_id: null })
    expect(await progressOf(to)).toBeNull()
    const project = (await ann.post('/api/v1/projects', { name: 'Shed' })).body
    const inside = await below(child)
    await ann.patch(`${tasks}/${child.id}`, { project_id: project.id })
    expect(await progressOf(child)).toBe('0/1')
    expect((await read(inside)).project_id).toBe(project.id)
  })

  test.each([
    ['few', 2],
    ['many', 12],
  ])('the trash takes it away, and gives it back with %s subtasks', async (_, count) => {
    const top = await make()
    const parent = await below(top)
    const children: Made[] = []
    for (let i = 0; i < count; i++) children.push(await below(parent))
    const [first, second] = children as [Made, Made]
    await ann.post(`${tasks}/${first.id}/complete`)
    await ann.delete(`${tasks}/${second.id}`)
    expect(await progressOf(parent)).toBe(`1/${count - 1}`)
    await ann.delete(`${tasks}/${parent.id}`)
    expect(await progressOf(top)).toBeNull()
    const restored = (await ann.post(`${tasks}/${parent.id}/restore`)).body
    expect(restored.progress).toEqual({ completed: 1, total: count - 1 })
    expect(await read(parent)).toEqual(restored)
    expect(await progressOf(top)).toBe('0/1')
    await ann.post(`${tasks}/${second.id}/restore`)
    expect(await progressOf(parent)).toBe(`1/${count}`)
    // Alone out of the trash, it is no part of the parent that stays there.
    await ann.delete(`${tasks}/${parent.id}`)
    expect((await ann.post(`${tasks}/${first.id}/restore`)).body.parent_id).toBeNull()
    const again = (await ann.post(`${tasks}/${parent.id}/restore`)).body
    expect(again.progress).toEqual({ completed: 0, total: count - 1 })
    expect(await read(parent)).toEqual(again)
  })

  test('many that are added and completed at once are all counted', async () => {
    const parent = await make()
    const children = await Promise.all(Array.from({ length: 12 }, () => below(parent)))
    await Promise.all([
      ...children.slice(0, 6).map(({ id }) => ann.post(`${tasks}/${id}/complete`)),
      ...children.slice(6, 8).map(({ id }) => ann.delete(`${tasks}/${id}`)),
      ann.patch(`${tasks}/${parent.id}`, { title: 'Another' }),
    ])
    expect(await progressOf(parent)).toBe('6/10')
  })

  test('many that a batch completes or reopens are counted by their revision', async () => {
    const root = await make()
    const [a, b] = [await below(root), await below(root)]
    const [c, d] = [await below(a), await below(a, { status: 'cancelled' })]
    const ctx = {
      ...world.deps,
      quotas: world.deps.config.quotas,
      actor: { kind: 'system', userId: ann.id, subject: ann.id } as const,
    }
    const many = async (status: string, change: 'completed' | 'reopened') => {
      const [rev, at] = [ctx.ids.next(), new Date(ctx.clock.now()).toISOString()]
      const { q, t } = ctx.db.dialect
      const set = { status, rev: sql.placeholder('rev'), updatedAt: sql.placeholder('at') }
      const some = compile(
        q
          .update(t.tasks)
          .set(set as never)
          .where(inArray(t.tasks.id, [a.id, b.id, c.id])),
      )
      const { ownerId } = ownAccount(ctx)
      await ctx.db.atomic([
        write(some, { rev, at }),
        ...countRevised(ctx, ownerId, change, { root: root.id, rev, at }),
      ])
    }
    await many('completed', 'completed')
    expect([await progressOf(a), await progressOf(root)]).toEqual(['1/1', '0/2'])
    await many('pending', 'reopened')
    expect([await progressOf(a), await progressOf(root)]).toEqual(['0/1', '0/2'])
    expect((await read(d)).progress).toBeNull()
  })

  test('what is deleted for good, and what an earlier version wrote, is right', async () => {
    const scopes = ['tasks:read', 'tasks:write', 'projects:write']
    const { key } = (await ann.post('/api/v1/api-keys', { name: 'Later', scopes })).body
    const later = world.client(key)
    const parent = await make()
    const [child] = [await below(parent), await below(parent, { status: 'completed' })]
    const bare = await make()
    const { db } = world.deps
    const text = `update tasks set child_count = 0, children_done = 0 where id = '${parent.id}'`
    await db.atomic([{ statement: { text, bind: () => [] }, values: {} }])
    await countChildren({ ...world.deps, quotas: world.deps.config.quotas })
    const fixed = (await later.get(`${tasks}/${parent.id}`)).body
    expect(fixed.progress).toEqual({ completed: 1, total: 2 })
    await later.delete(`${tasks}/${child.id}`)
    await maintainFor(world, 60, { trashDays: 1 })
    expect((await later.get(`${tasks}/${child.id}`)).status).toBe(404)
    expect((await later.get(`${tasks}/${parent.id}`)).body.progress).toEqual({
      completed: 1,
      total: 1,
    })
    expect((await later.get(`${tasks}/${bare.id}`)).body).toEqual(bare)
  })
})
