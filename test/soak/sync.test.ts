// Ten clients that change things at the same time, and ten that follow: by pages of any size, cut off,
// from old tokens. SECONDS says for how long; a small run takes a number of steps instead.
import { expect, onTestFinished, test } from 'vitest'
import { pick, randomOf } from '../../bench/data/random.ts'
import type { Client } from '../support/client.ts'
import { clientsOf } from '../support/client.ts'
import { describeEachDatabase } from '../support/databases.ts'
import { freshDatabases } from '../support/fresh.ts'
import { startTaskport } from '../support/process.ts'
import { isSmall, until } from '../support/size.ts'
import { type Copy, createCopy, listed } from '../support/sync/copy.ts'
import { createWriter } from '../support/sync/random-writes.ts'
import { createWorld } from '../support/world.ts'
import { seed } from './random.ts'

const SECONDS = Number(process.env['SECONDS'] ?? 60)
const WRITERS = isSmall ? 4 : 10
const READERS = isSmall ? 4 : 10
/** Of a writer in a small run. */
const STEPS = 12

type Ann = Client & { readonly id: string }

const SOON_MS = 2_000
const soon = () => new Date(Date.now() + SOON_MS).toISOString()

const isQuiet = async (ann: Client): Promise<boolean> => {
  const imports = (await ann.get('/api/v1/imports?limit=200')).body.items
  const { running } = (await ann.get('/api/v1/me')).body
  return (
    running.length === 0 &&
    imports.every(({ status }: { status: string }) => !/receiving|reading|writing/.test(status))
  )
}

/** Answers how many changes were made. `ann` may be another client each time. */
const writeAndFollow = async (ann: () => Ann, halfWay = async () => {}): Promise<number> => {
  const began = performance.now()
  const isOver = (step: number) =>
    isSmall ? step >= STEPS : performance.now() - began > SECONDS * 1000
  let [writing, made] = [true, 0]
  const writers = Array.from({ length: WRITERS }, async (_, i) => {
    const writer = createWriter(randomOf(seed + i), soon)
    for (let step = 0; !isOver(step); step++) {
      const answer = await writer.write(ann(), ann().id).catch(() => undefined)
      if (answer && answer.answer.status < 300) made++
    }
  })
  const copies: Copy[] = Array.from({ length: READERS }, () => createCopy())
  const limitOf = (random: () => number) => () => pick(random, [1, 3, 7, 50, 500])
  const readers = Array.from({ length: READERS }, async (_, i) => {
    const random = randomOf(seed + 1_000 + i)
    while (writing) {
      // One whose service was killed meanwhile asks another.
      await (copies[i] as Copy).page(ann(), limitOf(random)()).catch(ignoreCutOff)
      if (random() < 0.05) copies[i] = pick(random, copies).fork()
      if (random() < 0.02) copies[i] = createCopy()
    }
  })
  await Promise.all([...writers, halfWay()])
  writing = false
  await Promise.all(readers)
  await until(() => isQuiet(ann()))
  const what = await listed(ann())
  for (const copy of copies) {
    await copy.follow(ann(), limitOf(randomOf(seed)))
    expect(copy.content(), `SEED=${seed}`).toEqual(what)
  }
  return made
}
const ignoreCutOff = (error: unknown): void => {
  if (!(error instanceof TypeError)) throw error
}

const spoken = isSmall ? `${STEPS} steps each` : `${SECONDS} s`

describeEachDatabase('copies of many readers', (open, database) => {
  test(`become what the lists say, while ${WRITERS} write, ${spoken}`, async () => {
    const world = await createWorld({ open, bulk: { rows: 5 } })
    onTestFinished(() => world.close())
    const ann = await world.register('Ann')
    const made = await writeAndFollow(() => ann)
    console.log(`sync on ${database}: ${made} changes, SEED=${seed}`)
  })
})

const make = freshDatabases().Postgres
test.skipIf(make === undefined)(
  `three replicas on Postgres, of which one is killed, ${spoken}`,
  async () => {
    const fresh = await make?.()
    if (!fresh) throw new Error('no server')
    const env = { DATABASE_URL: fresh.url, RATE_LIMIT: 'off', LOG_LEVEL: 'error' }
    const processes = await Promise.all(Array.from({ length: 3 }, () => startTaskport(env)))
    const random = randomOf(seed)
    const up = [...processes]
    const { register, client } = clientsOf((path, init) => fetch(pick(random, up).url + path, init))
    const ann = await register('Ann')
    const again = { ...client(ann.token), id: ann.id }
    const killed = await writeAndFollow(
      () => again,
      async () => {
        if (!isSmall) await new Promise((resolve) => setTimeout(resolve, SECONDS * 500))
        const [first] = up.splice(0, 1)
        first?.child.kill('SIGKILL')
        await first?.exit
      },
    )
    console.log(`sync on three replicas: ${killed} changes, SEED=${seed}`)
    for (const { child, exit } of up) {
      child.kill('SIGTERM')
      await exit
    }
    await fresh.drop()
  },
)
