import { expect, test } from 'vitest'
import { enter, type Person } from '../../soak/person.ts'
import { isSmall } from '../../support/size.ts'
import type { MakeDatabase } from '../databases.ts'
import type { Runtime } from '../suite.ts'

const WRITERS = 8
const LEAST = 100
const MOST_MS = 10_000

/** Writes until a request gets no answer, or another one than it should, and answers why. */
const writeOn = async (person: Person, name: string, acknowledged: string[]): Promise<unknown> => {
  for (let number = 0; ; number++)
    try {
      acknowledged.push((await person.post(`${name} ${number}`)).body.id)
    } catch (error) {
      return error instanceof TypeError ? error.cause : error
    }
}

/** Was the connection refused: is nobody there any more? */
const isRefused = (cause: unknown): boolean =>
  (cause as { code?: unknown } | undefined)?.code === 'ECONNREFUSED'

/** Was it answered, but not with 2xx? */
const isAnswer = (cause: unknown): boolean =>
  cause instanceof Error && cause.message.startsWith('POST /tasks: ')

export const shutdown = (runtime: Runtime, make: MakeDatabase): void =>
  test('ended under load: what was asked is answered, what was acknowledged is there again', async () => {
    const { url: database, drop } = await make()
    const start = () =>
      runtime.start({ database, env: { RATE_LIMIT: 'off', LOG_LEVEL: 'warning' } })
    let service = await start()
    try {
      const acknowledged: string[] = []
      const person = await enter(service.url, 'uma', 'register')
      const writing = Array.from({ length: WRITERS }, (_, i) =>
        writeOn(person, `writer ${i}`, acknowledged),
      )
      while (acknowledged.length < LEAST) await person.get(await firstOf(acknowledged))
      const began = performance.now()
      const code = await service.stop()
      const ms = performance.now() - began
      const causes = await Promise.all(writing)
      const unanswered = causes.filter((cause) => !isRefused(cause))
      if (code !== null) {
        expect(code, service.said()).toBe(0)
        if (!isSmall) expect(ms).toBeLessThanOrEqual(MOST_MS)
        expect(causes.filter(isAnswer), service.said()).toEqual([])
        if (!runtime.resets) expect(unanswered, service.said()).toEqual([])
      }
      service = await start()
      const there = new Set(
        (await (await enter(service.url, 'uma', 'login')).tasks()).map(({ id }) => id),
      )
      expect(acknowledged.filter((id) => !there.has(id))).toEqual([])
    } finally {
      await service.stop()
      await drop()
    }
  })

/** The first id, once there is one. */
const firstOf = async (ids: readonly string[]): Promise<string> => {
  while (ids[0] === undefined) await new Promise((resolve) => setImmediate(resolve))
  return ids[0]
}
