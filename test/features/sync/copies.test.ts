// Whatever is changed by any operation, by the service itself or in which order: copies that follow by
// pages of any size and from any token become what the lists say.
import { expect, onTestFinished, test } from 'vitest'
import { pick, randomOf } from '../../../bench/data/random.ts'
import { resumeImports } from '../../../src/features/imports/index.ts'
import { fireDue } from '../../../src/features/reminders/index.ts'
import { describeEachDatabase } from '../../support/databases.ts'
import { runMaintenance } from '../../support/maintenance.ts'
import { seedFrom, sized, until } from '../../support/size.ts'
import { type Copy, createCopy, listed } from '../../support/sync/copy.ts'
import { createWriter } from '../../support/sync/random-writes.ts'
import { createWorld, type User, type World } from '../../support/world.ts'

const seed = seedFrom('SEED')
const STEPS = sized('SYNC_STEPS', { full: 120, small: 80 })
const COPIES = 4
const MINUTE = 60_000

const isQuiet = async (ann: User): Promise<boolean> => {
  const imports = (await ann.get('/api/v1/imports?limit=1')).body.items
  return imports.every(
    ({ status }: { status: string }) => !/receiving|reading|writing/.test(status),
  )
}

/** What the service does by itself. */
const byItself = async (world: World): Promise<void> => {
  world.clock.advance(50 * MINUTE)
  const ctx = { ...world.deps, quotas: world.deps.config.quotas }
  await fireDue(ctx)
  await resumeImports(ctx, { idleMs: 0 })
  await runMaintenance(world)
}

describeEachDatabase('copies', (open) => {
  test(`become what the lists say, SEED=${seed}`, async () => {
    const random = randomOf(seed)
    const world = await createWorld({ open, bulk: { rows: 5 } })
    onTestFinished(() => world.close())
    let ann = await world.register('Ann')
    const signIn = async () => {
      const { email, password } = ann
      const { body } = await world.anonymous.post('/api/v1/auth/login', { email, password })
      ann = { ...ann, ...world.client(body.access_token) }
    }
    const writer = createWriter(random)
    const copies: Copy[] = Array.from({ length: COPIES }, () => createCopy())
    const statuses = new Map<string, number>()
    const limit = () => pick(random, [1, 2, 3, 7, 30, 500])
    const log: string[] = []
    for (let step = 1; step <= STEPS; step++) {
      const { ask, answer } = await writer.write(ann, ann.id)
      log.push(`${ask.method} ${ask.path} ${JSON.stringify(ask.body)} → ${answer.status}`)
      const said = `${ask.method} ${ask.path.replace(/[0-9a-f]{8}-[0-9a-f-]+/g, '#')} ${answer.status}`
      statuses.set(said, (statuses.get(said) ?? 0) + 1)
      if (step % 20 === 0) {
        await byItself(world)
        await signIn()
        log.push('by itself')
      }
      // One reads a page and is cut off, another begins with what that one has.
      const at = Math.floor(random() * COPIES)
      if (random() < 0.3) await copies[at]?.page(ann, limit())
      if (random() < 0.05) copies[at] = pick(random, copies).fork()
      if (random() < 0.03) copies[at] = createCopy()
      if (step % 40 > 0 && step < STEPS) continue
      await until(() => isQuiet(ann))
      const what = await listed(ann)
      const [one] = copies as [Copy, ...Copy[]]
      for (const copy of step < STEPS ? [one] : copies) {
        await copy.follow(ann, limit)
        expect(copy.content(), `step ${step}, SEED=${seed}:\n${log.slice(-45).join('\n')}`).toEqual(
          what,
        )
      }
    }
    const ok = [...statuses].filter(([said]) => /20\d$/.test(said))
    expect(ok.length, [...statuses].map((one) => one.join(' × ')).join('\n')).toBeGreaterThan(10)
  })
})
