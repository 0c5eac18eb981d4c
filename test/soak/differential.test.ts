// The same requests, one after the other, to two services: one on a database file, one on another
// database. Every answer has to be the same, but for ids and times.
import { expect, onTestFinished, test } from 'vitest'
import { randomOf } from '../../bench/data/random.ts'
import { describeBesideFile } from '../support/databases.ts'
import { sized } from '../support/size.ts'
import { createWorld } from '../support/world.ts'
import { type Compared, createSide } from './differential/side.ts'
import { createSteps, type Kind, type Known } from './differential/steps.ts'
import { seed } from './random.ts'

const STEPS = sized('STEPS', { full: 3_000, small: 150 })
/** D1's simulator is slow. */
const STEPS_OF_D1 = Math.ceil(STEPS / 4)

const MADE = /^\/api\/(?:v1\/)?(?:#0#\/)?(tasks|projects|labels)$/
/** Remembers what a request has made. */
const remember = (known: Known, path: string, { status, body }: Compared): void => {
  const kind = MADE.exec(path)?.[1] as Kind | undefined
  const id = (body as { id?: string } | undefined)?.id
  if (status === 201 && kind && id) known[kind].push(Number(id.slice(1, -1)))
}

describeBesideFile('the same answers', (opened, database) => {
  const steps = database === 'D1' ? STEPS_OF_D1 : STEPS
  test(`to ${steps} random requests`, async () => {
    const said = `SEED=${seed} STEPS=${steps}`
    const sides = await Promise.all(
      opened.map(async (open) => {
        // Few rows are a change of many, which is made in chunks.
        const world = await createWorld({ open, bulk: { rows: 5 } })
        onTestFinished(() => world.close())
        return createSide(await world.register('Ann'))
      }),
    )
    const both = <T>(ask: (side: (typeof sides)[0]) => Promise<T>) => Promise.all(sides.map(ask))
    const known: Known = { tasks: [], projects: [], labels: [] }
    const next = createSteps(randomOf(seed), known)
    const statuses = new Map<number, number>()
    for (let i = 0; i < steps; i++) {
      const step = next()
      const [one, other] = await both(async (side) =>
        'list' in step ? side.list(step.list) : [await side.send(step)],
      )
      expect(other, `step ${i} of ${said}: ${JSON.stringify(step)}`).toEqual(one)
      for (const answer of one ?? []) {
        if ('path' in step) remember(known, step.path, answer)
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
      }
    }
    console.log(
      `a file and ${database}: ${steps} steps, answers by status: ${[...statuses]
        .sort()
        .map((entry) => entry.join(' × '))
        .join(', ')} (${said})`,
    )
    for (const status of [200, 201, 422]) expect(statuses.get(status), said).toBeGreaterThan(0)
  })
})
