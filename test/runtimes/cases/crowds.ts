import { expect, test } from 'vitest'
import type { Service } from '../service.ts'

/**
 * Hangs up after so many turns of the event loop: at once, while it is sent, while it is answered.
 */
const hangUp = (caller: AbortController, turns: number): void => {
  if (turns === 0) caller.abort()
  else setImmediate(() => hangUp(caller, turns - 1))
}

/** Many at once, and those who hang up. */
export const crowds = (service: () => Service): void => {
  test('fifty creates at once are fifty tasks', async () => {
    const ray = await service().register('Ray')
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => ray.post('/api/v1/tasks', { title: `Task ${i}` })),
    )
    expect(answers.filter(({ status }) => status !== 201)).toEqual([])
    const { items } = (await ray.get('/api/v1/tasks?limit=200')).body
    expect(items.map(({ id }: { id: string }) => id).toSorted()).toEqual(
      answers.map(({ body }) => body.id).toSorted(),
    )
  })

  test('fifty creates with one key are one task', async () => {
    const sue = await service().register('Sue')
    const answers = await Promise.all(
      Array.from({ length: 50 }, () =>
        sue.post('/api/v1/tasks', { title: 'Once' }, { 'Idempotency-Key': 'k' }),
      ),
    )
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1)
    expect((await sue.get('/api/v1/tasks')).body.items).toHaveLength(1)
  })

  test('who hangs up harms nobody, and finds with its key what was done', async () => {
    const tom = await service().register('Tom')
    const ask = (i: number, signal?: AbortSignal) =>
      fetch(`${service().url}/api/v1/tasks`, {
        method: 'POST',
        headers: {
          ...tom.headers,
          'Content-Type': 'application/json',
          'Idempotency-Key': `hung-up-${i}`,
        },
        body: JSON.stringify({ title: `Task ${i}` }),
        ...(signal && { signal }),
      })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => {
        const caller = new AbortController()
        const asked = ask(i, caller.signal)
        hangUp(caller, i)
        return asked
      }),
    )
    expect(outcomes.some(({ status }) => status === 'rejected')).toBe(true)
    expect((await service().anonymous.get('/health')).status).toBe(200)
    for (const i of outcomes.keys()) expect((await ask(i)).status).toBe(201)
    const { items } = (await tom.get('/api/v1/tasks?limit=200')).body
    expect(items.map(({ title }: { title: string }) => title).toSorted()).toEqual(
      [...outcomes.keys()].map((i) => `Task ${i}`).toSorted(),
    )
  })
}
