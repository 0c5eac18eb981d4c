import { request } from 'node:http'
import { expect, test } from 'vitest'
import type { Service } from '../service.ts'

/** The contract of the backend that this replaces. */
export const original = (service: () => Service): void => {
  test('old clients are answered as they were', async () => {
    const { register, anonymous } = service()
    const [ole, pia] = [await register('Ole'), await register('Pia')]
    const tasks = `/api/${ole.id}/tasks`
    expect((await ole.get(tasks)).body).toEqual([])
    const { status, body } = await ole.post(tasks, {
      title: 'Milk',
      description: 'two litres',
      nonsense: 1,
    })
    expect([status, body.status, body.user_id]).toEqual([201, 'pending', ole.id])
    const task = `${tasks}/${body.id}`
    expect((await ole.put(task, { title: 'Oat milk' })).body).toMatchObject({
      title: 'Oat milk',
      description: 'two litres',
    })
    expect((await ole.patch(`${task}/complete`, undefined)).body.status).toBe('completed')
    expect((await ole.get(`${tasks}?status=completed`)).body).toHaveLength(1)
    expect((await ole.get(`${tasks}?status=pending`)).body).toEqual([])
    expect((await ole.patch(`${task}/complete`, { completed: false })).body.status).toBe('pending')
    expect((await ole.post(tasks, { title: ' ' })).status).toBe(400)
    expect((await pia.get(task)).status).toBe(403)
    expect((await anonymous.get(tasks)).status).toBe(401)
    expect((await ole.delete(task)).status).toBe(204)
    expect((await ole.get(task)).status).toBe(404)
  })

  test("a path with dots, slashes and capitals as they are sent is no other user's", async () => {
    const { register, url } = service()
    const [ola, per] = [await register('Ola'), await register('Per')]
    await ola.post('/api/tasks', { title: 'hers alone' })
    const ask = (path: string) =>
      new Promise<{ status: number; text: string }>((resolve, reject) => {
        const asked = request(url, { path, headers: per.headers }, async (answer) => {
          let text = ''
          for await (const chunk of answer.setEncoding('utf8')) text += chunk
          resolve({ status: answer.statusCode ?? 0, text })
        })
        asked.once('error', reject)
        asked.end()
      })
    const tasks = `${ola.id}/tasks`
    for (const path of [
      `/api/${tasks}`,
      `/api/${per.id}/../${tasks}`,
      `/api/${per.id}/%2e%2E/${tasks}`,
      `/api/${per.id}%2F..%2f${tasks}`,
      `/api/./${tasks}`,
      `/api//${tasks}`,
      `//api/${tasks}`,
      `/api/v1/../${tasks}`,
      `/auth/../api/${tasks}`,
      `/API/${tasks}`,
      `/api/${tasks.toUpperCase()}`,
      `/api/${ola.id}%00/tasks`,
      `/api/tasks/../${tasks}`,
      `${url}/api/${tasks}`,
    ]) {
      const { status, text } = await ask(path)
      expect([400, 403, 404], `${path}: ${status}`).toContain(status)
      expect(text, path).not.toContain('hers alone')
    }
  })

  test('a list that is longer than a page arrives whole', async () => {
    const quy = await service().register('Quy')
    for (let batch = 0; batch < 7; batch++)
      await Promise.all(
        Array.from({ length: 30 }, (_, i) =>
          quy.post('/api/v1/tasks', { title: `T${batch}-${i}` }),
        ),
      )
    const { body } = await quy.get(`/api/${quy.id}/tasks`)
    expect(new Set(body.map(({ title }: { title: string }) => title)).size).toBe(210)
  })
}
