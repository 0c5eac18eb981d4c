// Random sequences of what people do with recurring tasks, their subtasks and what waits for them,
// against a model in memory: after each step every task is as the model has it.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pick, randomOf } from '../../bench/data/random.ts'
import { describeEachDatabase, type Opened } from '../support/databases.ts'
import { type Recurring, recurringWorld } from '../support/recurring.ts'
import { isSmall, sized } from '../support/size.ts'
import { seed } from './random.ts'
import { createModel, isBlocked, type Model, plus, type Series } from './recurrence/model.ts'

const SEQUENCES = sized('SEQUENCES', { full: 1_000, small: 5 })
const STEPS = sized('STEPS', { full: 30, small: 30 })

const day = (date: string | null) => date && { kind: 'day', date }
const ruleOf = ({ every, count }: Series) =>
  `FREQ=DAILY${every === 1 ? '' : `;INTERVAL=${every}`}${count === null ? '' : `;COUNT=${count}`}`
const recurrenceOf = (series: Series | null) =>
  series && { rule: ruleOf(series), anchor: series.anchor, missed: series.missed }

const suite = (open: () => Promise<Opened>, database: string) => {
  let r: Recurring
  beforeAll(async () => {
    r = await recurringWorld(open)
  })
  afterAll(() => r.close())

  const sequence = async (number: number) => {
    const random = randomOf(seed * 10_000 + number)
    const model = createModel()
    const ids = new Map<Model, string>()
    const chance = (share: number) => random() < share
    const between = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
    let now = Date.parse('2026-11-23T09:00:00Z')
    const today = () => new Date(now).toISOString().slice(0, 10)
    const series = (): Series => ({
      every: pick(random, [1, 1, 2, 7]),
      count: chance(0.3) ? between(1, 4) : null,
      anchor: chance(0.3) ? 'completion' : 'due',
      missed: chance(0.4) ? 'keep' : 'skip',
    })
    const any = () => pick(random, model.tasks)
    const path = (task: Model, verb = '') => `/api/v1/tasks/${ids.get(task)}${verb}`
    const keysOf = (tasks: readonly Model[]) => tasks.map(({ key }) => key)
    const idsOf = (tasks: readonly Model[]) => tasks.map((task) => ids.get(task) as string)
    const { body: project } = await r.ann.post('/api/v1/projects', { name: `${number}` })
    const list = `/api/v1/tasks?limit=200&project_id=${project.id}`
    const said: string[] = []
    const say = (...words: unknown[]) =>
      said.push(words.map((word) => JSON.stringify(word)).join(' '))

    const make = async () => {
      const live = model.tasks.filter(({ trashed }) => trashed === null)
      const parent = live.length > 0 && chance(0.6) ? pick(random, live) : null
      const due = chance(0.8) ? plus(today(), between(-3, 3)) : null
      const start = due && chance(0.4) ? plus(due, -between(0, 3)) : null
      const recurs = due && chance(0.6) ? series() : null
      const blockedBy = model.tasks.length > 0 && chance(0.3) ? [any()] : []
      const { status, body, text } = await r.ann.post('/api/v1/tasks', {
        title: 'One',
        project_id: project.id,
        parent_id: parent && ids.get(parent),
        due: day(due),
        start: day(start),
        recurrence: recurrenceOf(recurs),
        blocked_by: idsOf(blockedBy),
      })
      expect(status, text).toBe(201)
      const task = model.create({ parent, due, start, series: recurs, blockedBy })
      say('make', task.key, parent?.key, due, recurs, keysOf(blockedBy))
      ids.set(task, body.id)
    }
    const steps: Record<string, () => Promise<[number, number]>> = {
      complete: async () => {
        const task = any()
        const slots = [task.series?.slot, task.done.at(-1)?.slot, '2020-01-01']
        const named = chance(0.4) ? pick(random, slots) : undefined
        say('complete', task.key, named)
        const body = named === undefined ? undefined : { occurrence: day(named) }
        const { status } = await r.ann.post(path(task, '/complete'), body)
        return [status, model.complete(task, now, named)]
      },
      patch: async () => {
        const task = any()
        say('patch completed', task.key)
        const { status } = await r.ann.patch(path(task), { status: 'completed' })
        return [status, model.complete(task, now)]
      },
      skip: async () => {
        const task = any()
        say('skip', task.key)
        const { status } = await r.ann.post(path(task, '/skip'))
        return [status, model.skip(task, now)]
      },
      reopen: async () => {
        const task = any()
        say('reopen', task.key)
        const { status } = await r.ann.post(path(task, '/reopen'))
        return [status, model.reopen(task)]
      },
      postpone: async () => {
        const task = any()
        const due = plus(today(), between(-2, 5))
        say('postpone', task.key, due)
        const { status } = await r.ann.patch(path(task), { due: day(due) })
        return [status, model.postpone(task, due)]
      },
      recur: async () => {
        const task = any()
        const wanted = chance(0.3) ? null : series()
        say('recur', task.key, wanted)
        const { status } = await r.ann.patch(path(task), { recurrence: recurrenceOf(wanted) })
        return [status, model.recur(task, wanted)]
      },
      move: async () => {
        const [task, parent] = [any(), chance(0.6) ? any() : null]
        say('move', task.key, parent?.key)
        const body = { parent_id: parent && ids.get(parent) }
        const { status } = await r.ann.patch(path(task), body)
        return [status, model.move(task, parent)]
      },
      reorder: async () => {
        const [task, other] = [any(), any()]
        if (task === other || task.trashed !== null || other.trashed !== null) return [200, 200]
        say('reorder', task.key, other.key)
        const { status } = await r.ann.post(path(task, '/move'), { after: ids.get(other) })
        return [status, 200]
      },
      block: async () => {
        const task = any()
        // Now and then itself, and what waits for it already.
        const blockers = [...new Set([...task.blockedBy, any()])]
        say('block', task.key, keysOf(blockers))
        const { status } = await r.ann.patch(path(task), { blocked_by: idsOf(blockers) })
        return [status, model.block(task, blockers)]
      },
      unblock: async () => {
        const task = pick(random, [any(), any(), any()].filter(isBlocked)) ?? any()
        const blockers = task.blockedBy.filter(() => chance(0.4))
        say('unblock', task.key, keysOf(blockers))
        const { status } = await r.ann.patch(path(task), { blocked_by: idsOf(blockers) })
        return [status, model.block(task, blockers)]
      },
      delete: async () => {
        const task = any()
        say('delete', task.key)
        return [(await r.ann.delete(path(task))).status, model.remove(task, now)]
      },
      restore: async () => {
        const task = any()
        say('restore', task.key)
        const { status } = await r.ann.post(path(task, '/restore'))
        return [status, model.restore(task)]
      },
    }
    const often = ['complete', 'complete', 'complete', 'patch', 'skip', 'reopen', 'reopen', 'block']
    const names = [...Object.keys(steps), ...often]

    for (let i = 0; i < STEPS; i++) {
      now += chance(0.3) ? between(1, 3) * 24 * 3_600_000 : 1_000
      r.at(new Date(now).toISOString())
      const about = () => `SEED=${seed} sequence ${number} on ${database}:\n${said.join('\n')}`
      if (i < 3 || chance(0.1)) await make()
      else {
        const [status, expected] = await (steps[pick(random, names)] as (typeof steps)[string])()
        expect(status, about()).toBe(expected)
      }
      const items = [...(await r.ann.get(list)).body.items]
      // What is missing from the others is in the trash, or a difference.
      if (items.length < model.tasks.length)
        items.push(...(await r.ann.get(`${list}&deleted=true`)).body.items)
      const found = new Map(items.map((task) => [task.id, task]))
      for (const task of model.tasks) {
        const id = ids.get(task) as string
        const read = found.get(id)
        expect(read, `${about()}\ntask ${task.key}`).toMatchObject({
          parent_id: task.parent && ids.get(task.parent),
          status: task.status,
          due: day(task.due),
          start: day(task.start),
          occurrence: task.series ? day(task.series.slot) : null,
          completed_at: task.completedAt && new Date(task.completedAt).toISOString(),
          blocked_by: idsOf(task.blockedBy).sort(),
          blocked: isBlocked(task),
        })
        expect(read.deleted_at === null, about()).toBe(task.trashed === null)
        const starts = task.series && day(task.series.starts)
        expect(read.recurrence, about()).toEqual(
          task.series && { ...recurrenceOf(task.series), starts },
        )
      }
    }
    await r.ann.delete(`/api/v1/projects/${project.id}`)
  }

  test(`${SEQUENCES} sequences agree with the model`, async () => {
    console.log(`SEED=${seed} on ${database}`)
    for (let number = 0; number < SEQUENCES; number++) await sequence(number)
  })
}

describeEachDatabase(
  'sequences of changes',
  suite,
  isSmall ? undefined : ['libSQL file', 'Postgres', 'MariaDB', 'D1'],
)
