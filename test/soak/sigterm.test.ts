import { join } from 'node:path'
import { expect, test } from 'vitest'
import { randomOf } from '../../bench/data/random.ts'
import { startTaskport, temporaryFolder } from '../support/process.ts'
import { isSmall, linger, until } from '../support/size.ts'
import { faultsOf } from './file.ts'
import { enter, type Person } from './person.ts'
import { roundsOf, seed } from './random.ts'
import { createWriter } from './writer.ts'

const ROUNDS = roundsOf(20)
const WRITERS = 12
const READERS = 4
const LEAST = 300
const MOST_DELAY_MS = 300
const MOST_MS = 10_000

/** Reads one task until a request gets no answer, and answers why. */
const readOn = async (person: Person, id: string): Promise<unknown> => {
  for (;;)
    try {
      await person.get(id)
    } catch (error) {
      if (error instanceof TypeError) return error.cause
      throw error
    }
}

/** Was the connection refused: is nobody there any more? */
const isRefused = (cause: unknown): boolean =>
  (cause as { code?: unknown } | undefined)?.code === 'ECONNREFUSED'

test(`SIGTERM under load, ${ROUNDS} rounds: what is asked is answered, what is acknowledged is there, the exit code is 0`, async () => {
  const random = randomOf(seed)
  const dataDir = temporaryFolder()
  const start = () => startTaskport({ DATA_DIR: dataDir, RATE_LIMIT: 'off', LOG_LEVEL: 'warning' })
  const writers = Array.from({ length: WRITERS }, (_, i) => createWriter(`ada-${i}`, random))
  const written = () => writers.reduce((sum, writer) => sum + writer.acknowledged(), 0)
  const faults: unknown[] = []
  const exits: { code: number | null; ms: number }[] = []
  let service = await start()
  const first = await (await enter(service.url, 'ada', 'register')).post('To be read')

  for (let round = 1; round <= ROUNDS; round++) {
    const before = written()
    const person = await enter(service.url, 'ada', 'login')
    const running = [
      ...writers.map((writer) => writer.run(person)),
      ...Array.from({ length: READERS }, () => readOn(person, first.body.id)),
    ]
    const over = Promise.all(running)
    await Promise.race([until(() => written() - before >= LEAST), over])
    await linger(random() * MOST_DELAY_MS)
    const began = performance.now()
    service.child.kill('SIGTERM')
    const code = await service.exit
    exits.push({ code, ms: performance.now() - began })
    const unanswered = (await over).filter((cause) => !isRefused(cause))
    faults.push(
      ...unanswered.map((cause) => `round ${round}: a request without an answer: ${cause}`),
    )

    service = await start()
    const again = await enter(service.url, 'ada', 'login')
    for (const writer of writers) faults.push(...(await writer.repeat(again)))
    const tasks = await again.tasks()
    for (const writer of writers) faults.push(...writer.check(tasks))
    faults.push(...(await faultsOf(join(dataDir, 'taskport.db'))))
  }
  const slowest = Math.round(Math.max(...exits.map(({ ms }) => ms)))
  console.log(
    `SIGTERM: ${ROUNDS} rounds, ${written()} acknowledged writes, ${faults.length} faults, slowest exit ${slowest} ms (SEED=${seed})`,
  )
  expect(faults, `SEED=${seed}`).toEqual([])
  expect(exits.filter(({ code, ms }) => code !== 0 || (!isSmall && ms > MOST_MS))).toEqual([])
})
