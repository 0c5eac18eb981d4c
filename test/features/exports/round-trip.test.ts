// What is exported, and imported into an empty account of another service on another database, is
// the same there: byte for byte, but for the times of the import.
import { expect, test } from 'vitest'
import { describeEachDatabase, openDefault } from '../../support/databases.ts'
import { seedFrom } from '../../support/size.ts'
import { createWorld, type User, type World } from '../../support/world.ts'
import { imported } from '../imports/harness.ts'

/** When things were last changed, which is when they were imported, and when the file was made. */
const withoutTimes = (text: string): string =>
  text.replace(/"(updated_at|exported_at)":"[^"]+"/g, '"$1":"…"')

const exportOf = async (user: User): Promise<string> => {
  const { status, text } = await user.get('/api/v1/export')
  expect(status).toBe(200)
  return text
}

/** A small generator (mulberry32), so that a seed says it all. */
const randomOf = (seed: number) => {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (n: number): number => Math.floor(next() * n)
  return {
    below,
    chance: (share: number): boolean => next() < share,
    of: <T>(list: readonly T[]): T => list[below(list.length)] as T,
  }
}
type Random = ReturnType<typeof randomOf>

const TEXTS = [
  'Sweep the chimney',
  '=1+1',
  '☃ 🪗 Überraschung',
  '"quoted", with; all\\of it',
  'two\nlines\n\nand a tab\t.',
  '買い物',
  'e\u0301 is composed in names',
  '[brackets] {and} braces,',
]
const TIMES = [
  null,
  { date: '2026-12-01' },
  { date: '1000-01-01' },
  { datetime: '2026-03-29T02:30:00' },
  { datetime: '2026-03-29T02:30:00', time_zone: 'Europe/Berlin' },
  { datetime: '2027-10-31T02:30:00', time_zone: 'America/New_York' },
  { datetime: '9998-12-31T23:59:59', time_zone: 'UTC' },
  { datetime: '2026-12-01T09:00:00', time_zone: '+05:30' },
]

const RULES = [
  'FREQ=WEEKLY;BYDAY=MO',
  'FREQ=DAILY;COUNT=10',
  'FREQ=MONTHLY;BYDAY=1MO;UNTIL=20291231',
  'FREQ=DAILY;INTERVAL=2;COUNT=90',
]
/** That `fill` makes. */
const TASKS = 30 + RULES.length
const TRIGGERS = [
  { kind: 'instant', at: '2026-12-01T08:00:00.000Z' },
  { kind: 'day', date: '2026-12-01' },
  { kind: 'zoned', datetime: '2026-12-01T09:00:00', time_zone: 'Europe/Berlin' },
  { kind: 'minutes', before: 'due', minutes: 30 },
  { kind: 'days', before: 'start', days: 1, time: '18:00' },
]

/** Makes an account with some of everything. */
const fill = async (user: User, random: Random): Promise<void> => {
  const post = async (path: string, body: object) => {
    const { status, body: made, text } = await user.post(path, body)
    expect(status, text).toBeLessThan(300)
    return made
  }
  await user.patch('/api/v1/me', {
    name: 'Ann of the north',
    time_zone: 'America/Halifax',
    reminder_time: '07:30',
  })
  const projects: string[] = []
  for (let i = 0; i < 3; i++) {
    const name = random.of(TEXTS).replace(/\s+/g, ' ')
    const color = random.chance(0.5) ? '#2f6feb' : null
    projects.push((await post('/api/v1/projects', { name, color })).id)
  }
  await post('/api/v1/labels', { name: 'unused', color: '#112233' })
  const tasks: { id: string; depth: number }[] = []
  for (let i = 0; i < 30; i++) {
    const parent = random.chance(0.5) && tasks.length > 0 ? random.of(tasks) : undefined
    const nested = parent !== undefined && parent.depth < 9 ? parent : undefined
    const made = await post('/api/v1/tasks', {
      title: random.of(TEXTS).replace(/\s+/g, ' '),
      description: random.chance(0.5) ? random.of(TEXTS).repeat(1 + random.below(40)) : '',
      ...(nested
        ? { parent_id: nested.id }
        : random.chance(0.6) && { project_id: random.of(projects) }),
      status: random.of(['pending', 'in_progress', 'completed', 'cancelled']),
      priority: random.of(['none', 'low', 'medium', 'high', 'urgent']),
      start: random.of(TIMES),
      due: random.of(TIMES),
      deadline: random.chance(0.3) ? '2026-12-24' : null,
      estimate_minutes: random.chance(0.3) ? 1 + random.below(500) : null,
      url: random.chance(0.3) ? 'https://example.org/a?b=c&d=☃#e' : null,
      external_id: random.chance(0.3) ? `other:${i}` : null,
      blocked_by: tasks.filter(() => random.chance(0.05)).map(({ id }) => id),
      labels: ['errand', 'home, mostly', 'größer'].filter(() => random.chance(0.3)),
      extra: random.chance(0.3)
        ? { [random.of(TEXTS).replace(/\s+/g, ' ')]: random.of(TEXTS), z: '1', a: '2' }
        : {},
    })
    tasks.push({ id: made.id, depth: (nested?.depth ?? 0) + 1 })
  }
  for (const [i, rule] of RULES.entries()) {
    const zoned = { datetime: '2026-11-02T09:00:00', time_zone: 'Europe/Berlin' }
    const due = i % 2 === 0 ? { date: '2026-11-02' } : zoned
    const anchor = random.of(['due', 'completion'])
    const missed = random.of(['skip', 'keep'])
    const recurrence = { rule, anchor, missed }
    const { id } = await post('/api/v1/tasks', { title: `Again ${i}`, due, recurrence })
    tasks.push({ id, depth: 1 })
    if (i > 0) await user.post(`/api/v1/tasks/${id}/complete`)
    if (i > 1) await user.post(`/api/v1/tasks/${id}/skip`)
    if (i > 2) await user.patch(`/api/v1/tasks/${id}`, { due: { date: '2026-12-30' } })
  }
  for (let i = 0; i < 12; i++) {
    const { id } = random.of(tasks)
    await post(`/api/v1/tasks/${id}/comments`, { text: random.of(TEXTS) })
    await post(`/api/v1/tasks/${id}/reminders`, { trigger: random.of(TRIGGERS) })
  }
  for (let i = 0; i < 5; i++) {
    const { id } = random.of(tasks)
    await user.post(`/api/v1/tasks/${id}/move`, { before: random.of(tasks).id })
    await user.post(`/api/v1/tasks/${random.of(tasks).id}/complete`)
  }
  for (let i = 0; i < 4; i++) await user.delete(`/api/v1/tasks/${random.of(tasks).id}`)
  // What was in it is in the trash.
  await user.delete(`/api/v1/projects/${projects[0]}`)
  await user.patch(`/api/v1/projects/${projects[1]}`, { archived: true })
}

describeEachDatabase('an export', (open) => {
  const seed = seedFrom('ROUND_TRIP_SEED')
  test(`comes back the same (seed ${seed})`, async () => {
    const worlds: World[] = []
    const world = async (...given: Parameters<typeof createWorld>) => {
      const made = await createWorld(...given)
      worlds.push(made)
      return made
    }
    try {
      const from = await world({ open: openDefault })
      const ann = await from.register('Ann')
      await fill(ann, randomOf(seed))
      const first = await exportOf(ann)
      const to = await world({ open })
      const bob = await to.register('Bob')
      const { status, counts, report } = await imported(to, bob, first)
      expect(report).toEqual([])
      expect(status).toBe('done')
      expect(counts['created']).toBe(TASKS)
      const second = await exportOf(bob)
      expect(withoutTimes(second)).toBe(withoutTimes(first))
      const again = await imported(to, bob, first)
      expect(again.counts).toMatchObject({ created: 0, unchanged: TASKS, projects: 0, labels: 0 })
      expect((await exportOf(bob)).replace(/"exported_at":"[^"]+"/, '')).toBe(
        second.replace(/"exported_at":"[^"]+"/, ''),
      )
      const back = await world({ open: openDefault })
      const cid = await back.register('Cid')
      await imported(back, cid, second)
      expect(withoutTimes(await exportOf(cid))).toBe(withoutTimes(first))
    } finally {
      for (const made of worlds) await made.close()
    }
  })
})

test('another account on the same database has tasks of its own', async () => {
  const world = await createWorld()
  const ann = await world.register('Ann')
  await fill(ann, randomOf(7))
  const file = await exportOf(ann)
  const bob = await world.register('Bob')
  const { counts } = await imported(world, bob, file)
  expect(counts).toMatchObject({ created: TASKS, unchanged: 0, refused: 0 })
  expect(await exportOf(ann)).toHaveLength(file.length)
  const again = await imported(world, bob, file)
  expect(again.counts).toMatchObject({ created: 0, unchanged: TASKS, projects: 0, labels: 0 })
  await world.close()
})
