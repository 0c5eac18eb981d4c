// A service on a server that refuses it, and then does not.
import { expect } from 'vitest'
import { createLog } from '../../../src/core/log.ts'
import { type Answer, createWorld, stillClock } from '../../support/world.ts'
import { openAt } from './session.ts'

type Line = {
  level: string
  message: string
  request_id?: string
  code?: string
  error?: { message: string }
}

/** A service at `url`, with its log as an operator has it. */
export const serviceAt = async (url: string) => {
  const lines: Line[] = []
  const log = createLog('info', (line) => lines.push(JSON.parse(line)), stillClock())
  const world = await createWorld({ open: () => openAt(url), log })
  const ada = await world.register('Ada')
  const made = await ada.post('/api/v1/tasks', { title: 'before' })
  const task = made.headers.get('Location') ?? ''

  const expectRefused = async (secrets: readonly string[] = []) => {
    const answers: Answer[] = await Promise.all([
      ada.get(task),
      ada.get('/api/v1/tasks'),
      ada.post('/api/v1/tasks', { title: 'meanwhile' }),
      ada.patch(task, { title: 'changed' }),
      world.anonymous.post('/api/v1/auth/login', { email: ada.email, password: ada.password }),
    ])
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } })
      expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
      const told = lines.filter(
        ({ request_id, level }) => request_id === answer.body.request_id && level !== 'info',
      )
      expect(told).toHaveLength(1)
      expect(told[0]).toMatchObject({ message: 'request failed', code: 'unavailable' })
      expect(told[0]?.error?.message).toMatch(/\w/)
    }
    expect((await world.anonymous.get('/ready')).status).toBe(503)
    expect((await world.anonymous.get('/health')).status).toBe(200)
    for (const secret of secrets) expect(JSON.stringify(lines)).not.toContain(secret)
  }
  /** Asks until it is served again: nothing else tells. */
  const expectServed = async () => {
    for (;;) {
      const { status } = await ada.get(task)
      if (status === 200) break
      expect(status).toBe(503)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect((await ada.post('/api/v1/tasks', { title: 'after' })).status).toBe(201)
    expect((await world.anonymous.get('/ready')).status).toBe(200)
  }
  return { expectRefused, expectServed, close: () => world.close() }
}
