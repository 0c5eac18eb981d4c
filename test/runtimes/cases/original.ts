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
