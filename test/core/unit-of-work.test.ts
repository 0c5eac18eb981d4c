// A change by one user to what is another one's, which others see, too: the actor is written down,
// the owner pays, and each reader is told.
import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Change } from '../../src/core/change-log.ts'
import { type Ctx, now } from '../../src/core/context.ts'
import { keepReceipt } from '../../src/core/idempotency-records.ts'
import { actorIdOf, type OwnerId, type Parties, type ReaderId } from '../../src/core/parties.ts'
import { newestPosition } from '../../src/core/position.ts'
import { repairBytes, utf8Length } from '../../src/core/stored-bytes.ts'
import { commit, type Plan } from '../../src/core/unit-of-work.ts'
import { compile, rawQuery, value, write } from '../../src/db/statement.ts'
import type { Task } from '../../src/features/tasks/index.ts'
import { newTaskState, taskDefaults } from '../../src/features/tasks/index.ts'
import { insertTask } from '../../src/features/tasks/store.ts'
import { describeEachDatabase } from '../support/databases.ts'
import { type Recording, recorded } from '../support/recording.ts'
import { createWorld, type User, type World } from '../support/world.ts'

const NO_USER = randomUUID()
const COLUMNS = ['seq', 'checked_seq', 'task_count', 'label_count', 'bytes'] as const
type Row = Record<(typeof COLUMNS)[number], number>

describeEachDatabase('a change of several users', (open) => {
  let world: World
  let take: () => Recording
  let [actor, owner, cem, dora]: User[] = []
  let inbox: string
  beforeAll(async () => {
    const opened = await open()
    const recording = recorded(opened.db)
    take = recording.take
    world = await createWorld({ open: async () => ({ ...opened, db: recording.db }) })
  })
  afterAll(() => world.close())
  let round = 0
  beforeEach(async () => {
    round++
    // Ids ascend as users are made: the owner's is neither the first nor the last one.
    cem = await world.register(`Cem${round}`)
    owner = await world.register(`Owner${round}`)
    actor = await world.register(`Actor${round}`)
    dora = await world.register(`Dora${round}`)
    inbox = (await owner.get('/api/v1/projects')).body.items[0].id
  })

  const idOf = (user: User | undefined): string => (user as User).id
  const ctxOf = (user: User | undefined, quotas = {}): Ctx => ({
    ...world.deps,
    quotas: { ...world.deps.config.quotas, ...quotas },
    actor: { kind: 'session', userId: idOf(user), subject: idOf(user), sessionId: randomUUID() },
  })
  const partiesOf = (ownerId: string, ...readers: string[]): Parties => ({
    ownerId: ownerId as OwnerId,
    readerIds: readers as ReaderId[],
  })
  const three = () => partiesOf(idOf(owner), idOf(dora), idOf(owner), idOf(cem))

  const taskOf = (ctx: Ctx, project: string): Task => {
    const [id, at] = [ctx.ids.next(), now(ctx)]
    return {
      id,
      project_id: project,
      ...taskDefaults,
      ...newTaskState,
      title: 'Sweep the chimney',
      position: newestPosition(id),
      created_by: actorIdOf(ctx),
      created_at: at,
      updated_at: at,
      completed_at: null,
      deleted_at: null,
      rev: ctx.ids.next(),
    }
  }
  const planOf = (ctx: Ctx, parties: Parties, project = inbox): Plan<Task> => {
    const task = taskOf(ctx, project)
    return {
      parties,
      writes: [insertTask(ctx, parties.ownerId, task)],
      changes: [{ entity: 'task', id: task.id, event: null }],
      grows: { tasks: 1 },
      result: task,
    }
  }

  const rowOf = async (user: User | undefined): Promise<Row> => {
    const text = `select ${COLUMNS.join(', ')} from users where id = '${idOf(user)}'`
    const row = await world.deps.db.one(rawQuery<Row>(text, COLUMNS))
    return Object.fromEntries(COLUMNS.map((name) => [name, Number(row?.[name])])) as Row
  }
  const rows = async () => {
    const [ofActor, ofOwner, ofCem, ofDora] = await Promise.all(
      [actor, owner, cem, dora].map(rowOf),
    )
    return { actor: ofActor, owner: ofOwner, cem: ofCem, dora: ofDora } as Record<string, Row>
  }
  /** What each was told of a thing, under which number. */
  const told = async (id: string) => {
    const columns = ['reader_id', 'seq', 'gone'] as const
    const text = `select ${columns.join(', ')} from changes where entity_id = '${id}'`
    const found = await world.deps.db.all(rawQuery<Record<string, unknown>>(text, columns))
    return Object.fromEntries(found.map((row) => [row['reader_id'], Number(row['seq'])]))
  }
  const countsAreRight = async () => {
    for (const user of [actor, owner, cem, dora])
      expect(await repairBytes(ctxOf(user), idOf(user)), 'the bytes were wrong').toBe(false)
  }

  test('the owner pays, each reader is told under a number of their own, the actor is written down', async () => {
    await dora?.patch('/api/v1/me', { name: 'D.' }) // her number is another one
    const before = await rows()
    const ctx = ctxOf(actor)
    const task = (await commit(ctx, planOf(ctx, three()))) as Task
    const after = await rows()
    expect(after['actor']).toEqual(before['actor'])
    const { bytes = 0, seq = 0, task_count = 0, checked_seq = 0 } = before['owner'] ?? {}
    const taken = 3 * utf8Length('Sweep the chimney') + 1 // as it is, twice folded, a line's end
    expect(after['owner']).toEqual({
      ...before['owner'],
      seq: seq + 1,
      checked_seq: checked_seq + 1,
      task_count: task_count + 1,
      bytes: bytes + taken,
    })
    for (const name of ['cem', 'dora']) {
      const { seq = 0, checked_seq = 0 } = before[name] ?? {}
      const advanced = { ...before[name], seq: seq + 1, checked_seq: checked_seq + 1 }
      expect(after[name]).toEqual(advanced)
    }
    expect(await told(task.id)).toEqual({
      [idOf(owner)]: after['owner']?.seq,
      [idOf(cem)]: after['cem']?.seq,
      [idOf(dora)]: after['dora']?.seq,
    })
    const { body } = (await owner?.get(`/api/v1/tasks/${task.id}`)) ?? {}
    expect(body.created_by).toBe(idOf(actor))
    await countsAreRight()
  })

  test('the rows of users come first, in ascending order of their ids', async () => {
    const ctx = ctxOf(actor)
    const seen: unknown[] = []
    const db: Ctx['db'] = {
      ...ctx.db,
      atomic: (writes, options) => {
        seen.push(...writes.map(({ values }) => (values as { id?: unknown }).id))
        return ctx.db.atomic(writes, options)
      },
    }
    await commit({ ...ctx, db }, planOf(ctx, three()))
    expect(seen.slice(0, 3)).toEqual([idOf(cem), idOf(owner), idOf(dora)])
    expect(seen.slice(0, 3)).toEqual(seen.slice(0, 3).sort())
  })

  test('where the owner is the only reader the batch begins with one row', async () => {
    const ctx = ctxOf(owner)
    take()
    await commit(ctx, planOf(ctx, partiesOf(idOf(owner), idOf(owner))))
    const { reads, batches } = take()
    expect([reads.length, batches.map((batch) => batch.length)]).toEqual([0, [3]])
  })

  test("the owner's quota decides, not the actor's, and a refusal writes nothing", async () => {
    for (let i = 0; i < 3; i++) await actor?.post('/api/v1/tasks', { title: 'Own' })
    const ctx = ctxOf(actor, { tasks: 2 })
    for (let i = 0; i < 2; i++) {
      const plan = planOf(ctx, three())
      expect(await commit(ctx, plan)).toBe(plan.result)
    }
    const before = await rows()
    const plan = planOf(ctx, three())
    await expect(commit(ctx, plan)).rejects.toMatchObject({
      code: 'quota_exceeded',
      message: 'The owner of this may not have more tasks: the quota is used up.',
    })
    expect(await rows()).toEqual(before)
    expect(await told(plan.result.id)).toEqual({})
  })

  test('the actor pays for the receipt of an Idempotency-Key', async () => {
    const before = await rows()
    const ctx = ctxOf(actor)
    const scope = randomUUID()
    const body = JSON.stringify({ title: 'kept' })
    const kept = { fingerprint: 'x', status: 201, headers: {}, body }
    const receipt = {
      write: () => keepReceipt(ctx, scope, kept),
      exists: async () => false,
    }
    expect(await commit({ ...ctx, receipt }, planOf(ctx, three()))).not.toBe('stale')
    const after = await rows()
    expect(after['actor']?.bytes).toBe((before['actor']?.bytes ?? 0) + utf8Length(body))
    expect(after['actor']?.task_count).toBe(before['actor']?.task_count)
    await countsAreRight()

    const poor = ctxOf(actor, { bytes: (after['actor']?.bytes ?? 0) + 1 })
    const again = { ...receipt, write: () => keepReceipt(poor, randomUUID(), kept) }
    const plan = { ...planOf(poor, three()), writes: [], grows: {} }
    await expect(commit({ ...poor, receipt: again }, plan)).rejects.toMatchObject({
      code: 'quota_exceeded',
      message: expect.stringContaining('You may store'),
    })
    expect(await rows()).toEqual(after)
  })

  test('of all tasks that the batch has revised each reader is told; of a label its owner alone', async () => {
    const ctx = ctxOf(actor)
    const made = (await commit(ctx, planOf(ctx, three()))) as Task
    const others = (await cem?.post('/api/v1/tasks', { title: "Cem's own" }))?.body
    const [rev, at, label] = [ctx.ids.next(), now(ctx), ctx.ids.next()]
    const { q, t } = ctx.db.dialect
    const revise = compile(
      q
        .update(t.tasks)
        .set({ rev: value(t.tasks.rev, 'rev'), updatedAt: value(t.tasks.updatedAt, 'at') } as never)
        .where(eq(t.tasks.projectId, value(t.tasks.projectId, 'project'))),
    )
    const changes: Change[] = [
      { rev, at, event: null },
      { entity: 'label', id: label, event: null },
    ]
    const writes = [write(revise, { rev, at, project: inbox })]
    expect(await commit(ctx, { parties: three(), writes, changes, result: 'done' })).toBe('done')
    const after = await rows()
    expect(await told(made.id)).toEqual({
      [idOf(owner)]: after['owner']?.seq,
      [idOf(cem)]: after['cem']?.seq,
      [idOf(dora)]: after['dora']?.seq,
    })
    expect(await told(label)).toEqual({ [idOf(owner)]: after['owner']?.seq })
    expect(Object.keys(await told(others.id))).toEqual([idOf(cem)])
  })

  test('a reader or an owner who is gone makes the plan stale, and nothing is written', async () => {
    const ctx = ctxOf(actor)
    const before = await rows()
    const parties = [
      partiesOf(idOf(owner), idOf(owner), NO_USER),
      partiesOf(NO_USER, NO_USER, idOf(cem)),
    ]
    for (const each of parties) expect(await commit(ctx, planOf(ctx, each))).toBe('stale')
    const nowhere = { ...ctx, actor: { ...ctx.actor, userId: NO_USER } }
    await expect(
      commit(nowhere, planOf(nowhere, partiesOf(NO_USER, NO_USER))),
    ).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(await rows()).toEqual(before)
  })

  test('batches of users who read each other at the same moment all happen', async () => {
    const [first, second] = [idOf(cem), idOf(dora)]
    const hers = (await dora?.get('/api/v1/projects'))?.body.items[0].id
    const his = (await cem?.get('/api/v1/projects'))?.body.items[0].id
    const before = await rows()
    const ROUNDS = 20
    const outcomes = await Promise.all(
      Array.from({ length: ROUNDS }, (_, i) => {
        const ctx = ctxOf(i % 2 === 0 ? cem : dora)
        return i % 2 === 0
          ? commit(ctx, planOf(ctx, partiesOf(second, second, first), hers))
          : commit(ctx, planOf(ctx, partiesOf(first, first, second), his))
      }),
    )
    expect(outcomes).not.toContain('stale')
    const after = await rows()
    for (const name of ['cem', 'dora']) {
      expect(after[name]?.seq).toBe((before[name]?.seq ?? 0) + ROUNDS)
      expect(after[name]?.task_count).toBe((before[name]?.task_count ?? 0) + ROUNDS / 2)
    }
    await countsAreRight()
  })
})
