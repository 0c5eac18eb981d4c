// What a process of an older version writes beside this one is made whole: it knows neither the
// names in a task's row nor the bytes.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Log } from '../../../src/core/log.ts'
import { recountBytes } from '../../../src/core/stored-bytes.ts'
import { rawQuery, write } from '../../../src/db/statement.ts'
import { repairUnchecked } from '../../../src/features/maintenance/index.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

type Standing = { seq: number; checked: number; bytes: number }
type Task = { readonly id: string; readonly rev: string; readonly labels: readonly string[] }

describeEachDatabase('repair', (open) => {
  const said: unknown[] = []
  const note = (message: string, details?: object) => void said.push([message, details])
  const log: Log = { debug: () => {}, info: note, warning: note, error: note }
  const repairs = () => said.filter((line) => (line as string[])[0]?.includes('older version'))

  let world: World
  let ann: User
  beforeAll(async () => {
    // Half a chunk is looked at together: two tasks.
    world = await createWorld({ open, log, bulk: { rows: 4 } })
    ann = await world.register('Ann')
  })
  afterAll(() => world.close())

  const statement = (text: string) => write(rawQuery(text, []), {})
  const standing = async ({ id }: User): Promise<Standing> => {
    const row = await world.deps.db.one(
      rawQuery<Standing>(`select seq, checked_seq, bytes from users where id = '${id}'`, [
        'seq',
        'checked',
        'bytes',
      ]),
    )
    return { seq: Number(row?.seq), checked: Number(row?.checked), bytes: Number(row?.bytes) }
  }
  const inStep = async (user: User) => {
    const { seq, checked } = await standing(user)
    return seq === checked
  }
  /** As a version does that has links alone: no names in the row, no count of bytes. */
  const olderChange = (user: User, task: Pick<Task, 'id'>) => {
    const entry = `reader_id = '${user.id}' and entity_id = '${task.id}'`
    return world.deps.db.atomic([
      statement(`update users set seq = seq + 1, bytes = bytes + 1 where id = '${user.id}'`),
      statement(`update tasks set labels = null, rev = '${randomUUID()}' where id = '${task.id}'`),
      statement(
        `update changes set seq = (select seq from users where id = '${user.id}') where ${entry}`,
      ),
    ])
  }
  const make = async (user: User, labels: readonly string[]): Promise<Task> =>
    (await user.post('/api/v1/tasks', { title: 'x', labels })).body
  const read = async (user: User, { id }: Pick<Task, 'id'>): Promise<Task> =>
    (await user.get(`/api/v1/tasks/${id}`)).body
  const repair = () => repairUnchecked({ ...world.deps, quotas: world.deps.config.quotas })

  test('this version keeps in step, whatever it writes', async () => {
    const bob = await world.register('Bob')
    expect(await inStep(bob)).toBe(true)
    const task = await make(bob, ['home'])
    for (let i = 0; i < 6; i++) await make(bob, ['home'])
    await bob.patch(`/api/v1/tasks/${task.id}`, { title: 'y' })
    await bob.delete(`/api/v1/tasks/${task.id}`)
    const { body: labels } = await bob.get('/api/v1/labels')
    await bob.delete(`/api/v1/labels/${labels.items[0].id}`)
    const { seq, checked } = await standing(bob)
    expect(checked).toBe(seq)
    await repair()
    expect((await standing(bob)).seq, 'there was nothing to do').toBe(seq)
    expect(repairs()).toEqual([])
  })

  test('names and bytes are put right, task by task, with a new revision, and said once', async () => {
    const tasks: Task[] = []
    for (let i = 0; i < 7; i++) tasks.push(await make(ann, ['home', `n${i % 2}`]))
    const untouched = await make(ann, ['home'])
    for (const task of tasks) await olderChange(ann, task)
    await make(ann, ['home']) // this version goes on meanwhile
    expect(await inStep(ann)).toBe(false)
    const wrong = await Promise.all(tasks.map((task) => read(ann, task)))
    expect(wrong.map(({ labels }) => labels)).toEqual(tasks.map(() => []))

    await repair()
    const right = await Promise.all(tasks.map((task) => read(ann, task)))
    expect(right.map(({ labels }) => labels)).toEqual(tasks.map(({ labels }) => labels))
    for (const [i, { rev }] of right.entries()) expect(rev).not.toBe(wrong[i]?.rev)
    expect(await read(ann, untouched)).toEqual(untouched)
    expect(await inStep(ann)).toBe(true)
    const { bytes } = await standing(ann)
    await recountBytes(world.deps, ann.id)
    expect((await standing(ann)).bytes).toBe(bytes)
    expect(repairs()).toEqual([
      ['what an older version wrote was repaired', { users: 1, tasks: 7, counters: 1, names: 0 }],
    ])
    await repair()
    expect(repairs()).toHaveLength(1)
  })

  test('while both versions write, nothing stays wrong', async () => {
    const tasks: Task[] = []
    for (let i = 0; i < 12; i++) tasks.push(await make(ann, ['home', 'late']))
    const older = async () => {
      for (const task of tasks) await olderChange(ann, task)
    }
    const newer = async () => {
      for (const { id } of tasks)
        await ann.patch(`/api/v1/tasks/${id}`, { labels: ['late', 'work'] })
    }
    const repairing = async () => {
      for (let i = 0; i < 6; i++) await repair()
    }
    await Promise.all([older(), newer(), repairing()])
    await repair()
    const shown = await Promise.all(tasks.map((task) => read(ann, task)))
    expect(shown.map(({ labels }) => labels)).toEqual(tasks.map(() => ['late', 'work']))
    expect(await inStep(ann)).toBe(true)
    const { bytes } = await standing(ann)
    await recountBytes(world.deps, ann.id)
    expect((await standing(ann)).bytes).toBe(bytes)
  })
})
