import { join } from 'node:path'
import { expect, test } from 'vitest'
import { randomOf } from '../../bench/data/random.ts'
import { startTaskport, temporaryFolder } from '../support/process.ts'
import { linger, until } from '../support/size.ts'
import { faultsOf } from './file.ts'
import { enter } from './person.ts'
import { roundsOf, seed } from './random.ts'
import { createWriter, type Writer } from './writer.ts'

const ROUNDS = roundsOf(20)
const PEOPLE = ['ada', 'grace', 'edsger']
const WRITERS_EACH = 4
const LEAST = 300
const MOST_DELAY_MS = 500

test(`kill -9 of the process under write load, ${ROUNDS} rounds: every acknowledged write is there after the restart, the file passes integrity_check`, async () => {
  const random = randomOf(seed)
  const dataDir = temporaryFolder()
  const start = () => startTaskport({ DATA_DIR: dataDir, RATE_LIMIT: 'off', LOG_LEVEL: 'warning' })
  const groups = new Map<string, Writer[]>(
    PEOPLE.map((name) => [
      name,
      Array.from({ length: WRITERS_EACH }, (_, i) => createWriter(`${name}-${i}`, random)),
    ]),
  )
  const writers = [...groups.values()].flat()
  const written = () => writers.reduce((sum, writer) => sum + writer.acknowledged(), 0)
  const faults: unknown[] = []
  let service = await start()
  for (const name of PEOPLE) await enter(service.url, name, 'register')

  for (let round = 1; round <= ROUNDS; round++) {
    const before = written()
    const running: Promise<unknown>[] = []
    for (const [name, writers] of groups) {
      const person = await enter(service.url, name, 'login')
      running.push(...writers.map((writer) => writer.run(person)))
    }
    const over = Promise.all(running)
    await Promise.race([until(() => written() - before >= LEAST), over])
    await linger(random() * MOST_DELAY_MS)
    service.child.kill('SIGKILL')
    await service.exit
    await over

    service = await start()
    for (const [name, writers] of groups) {
      const person = await enter(service.url, name, 'login')
      for (const writer of writers) faults.push(...(await writer.repeat(person)))
      const tasks = await person.tasks()
      for (const writer of writers) faults.push(...writer.check(tasks))
      const others = tasks.filter(({ title }) => !title.startsWith(`${name}-`))
      faults.push(...others.map(({ title }) => `${name} has ${title}`))
    }
    faults.push(...(await faultsOf(join(dataDir, 'taskport.db'))))
  }
  const lost = faults.filter((fault) => / is lost$| was acknowledged, /.test(String(fault)))
  console.log(
    `kill -9: ${ROUNDS} rounds, ${written()} acknowledged writes, ${lost.length} lost, ${faults.length - lost.length} other faults (SEED=${seed})`,
  )
  expect(faults, `SEED=${seed}`).toEqual([])
})
