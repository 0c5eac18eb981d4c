import { expect, test } from 'vitest'
import type { Service } from '../service.ts'

const titles = (items: { title: string }[]) => items.map(({ title }) => title)

/** What it is for. */
export const tasks = (service: () => Service): void => {
  test('projects and the tasks in them, from creation to the trash and back', async () => {
    const eve = await service().register('Eve')
    const made = await eve.post('/api/v1/projects', { name: 'House', color: '#2F6FEB' })
    expect([made.status, made.headers.get('Location'), made.body.color]).toEqual([
      201,
      `/api/v1/projects/${made.body.id}`,
      '#2f6feb',
    ])
    const { id: project_id } = made.body
    expect(
      (await eve.patch(`/api/v1/projects/${project_id}`, { name: 'House and garden' })).body.name,
    ).toBe('House and garden')
    const task = (
      await eve.post('/api/v1/tasks', {
        project_id,
        title: 'Sweep',
        labels: ['winter'],
        priority: 'low',
      })
    ).body
    expect((await eve.patch(`/api/v1/tasks/${task.id}`, { priority: 'high' })).body).toMatchObject({
      title: 'Sweep',
      priority: 'high',
    })
    const completed = await eve.post(`/api/v1/tasks/${task.id}/complete`)
    expect(completed.body).toMatchObject({
      status: 'completed',
      completed_at: expect.stringMatching(/^\d{4}-.*Z$/),
    })
    expect((await eve.post(`/api/v1/tasks/${task.id}/reopen`)).body).toMatchObject({
      status: 'pending',
      completed_at: null,
    })
    expect((await eve.delete(`/api/v1/projects/${project_id}`)).status).toBe(204)
    expect((await eve.get('/api/v1/tasks')).body.items).toEqual([])
    expect(titles((await eve.get('/api/v1/tasks?deleted=true')).body.items)).toEqual(['Sweep'])
    const restored = (await eve.post(`/api/v1/tasks/${task.id}/restore`)).body
    const inbox = (await eve.get('/api/v1/projects')).body.items.find(
      (project: { inbox: boolean }) => project.inbox,
    )
    expect([restored.project_id, restored.deleted_at]).toEqual([inbox.id, null])
  })

  test('filters, search, and dues in their zones', async () => {
    const fay = await service().register('Fay')
    expect((await fay.patch('/api/v1/me', { time_zone: 'Pacific/Auckland' })).status).toBe(200)
    const zoned = { datetime: '2030-03-31T02:30:00', time_zone: 'Europe/Berlin' }
    for (const task of [
      { title: 'Zoned', due: zoned, priority: 'high' },
      { title: 'Floating', due: { datetime: '2030-03-31T13:00:00' } },
      { title: 'All day', due: { date: '2030-03-31' } },
      { title: 'Long ago', due: { date: '2020-01-01' } },
      { title: 'Ünlängst – 日本語', description: 'ein *Wort*' },
    ])
      expect((await fay.post('/api/v1/tasks', task)).status, task.title).toBe(201)
    const list = async (query: string) =>
      titles((await fay.get(`/api/v1/tasks?${query}`)).body.items)
    // 02:30 does not exist in Berlin that night: the offset before it holds, and it is 01:30 in
    // UTC.
    expect(await list('due_before=2030-03-31T01:30:01Z&due_after=2030-03-31T01:30:00Z')).toEqual([
      'Zoned',
    ])
    // 13:00 in Auckland, where Fay is, is midnight in UTC.
    expect(await list('due_before=2030-03-31T00:00:01Z&due_after=2030-03-31T00:00:00Z')).toEqual([
      'Floating',
    ])
    expect(await list('overdue=true')).toEqual(['Long ago'])
    expect(await list('priority=high&priority=urgent')).toEqual(['Zoned'])
    expect(await list('q=%C3%9CNL%C3%84NGST%20wort')).toEqual(['Ünlängst – 日本語'])
    expect(await list('sort=-due&limit=2')).toEqual(['Floating', 'Zoned'])
    expect((await list('sort=due')).at(-1)).toBe('Ünlängst – 日本語')
  })

  test('120 tasks, page by page: none twice, none missing', async () => {
    const gil = await service().register('Gil')
    const made: string[] = []
    for (let batch = 0; batch < 12; batch++) {
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          gil.post('/api/v1/tasks', { title: `T${(batch * 7 + i) % 10}` }),
        ),
      )
      made.push(...answers.map(({ body }) => body.id))
    }
    for (const sort of ['created_at', '-title']) {
      const seen: string[] = []
      let next: string | undefined = `/api/v1/tasks?limit=17&sort=${sort}`
      while (next) {
        const { body, headers } = await gil.get(next)
        seen.push(...body.items.map(({ id }: { id: string }) => id))
        next = headers.get('Link')?.match(/^<([^>]+)>; rel="next"$/)?.[1]
        expect(next === undefined).toBe(body.next_cursor === null)
      }
      expect(seen.length).toBe(120)
      expect(seen.toSorted()).toEqual(made.toSorted())
    }
  })

  test('what is one user’s does not exist for another', async () => {
    const { register, anonymous } = service()
    const [hal, ida] = [await register('Hal'), await register('Ida')]
    const task = (await hal.post('/api/v1/tasks', { title: 'Private' })).body
    const path = `/api/v1/tasks/${task.id}`
    expect((await hal.get(path)).status).toBe(200)
    expect((await ida.get(path)).status).toBe(404)
    expect((await ida.patch(path, { title: 'Mine' })).status).toBe(404)
    expect((await ida.delete(path)).status).toBe(404)
    expect(
      (await ida.post('/api/v1/tasks', { title: 'x', project_id: task.project_id })).status,
    ).toBe(422)
    expect((await ida.get('/api/v1/tasks')).body.items).toEqual([])
    expect((await anonymous.get(path)).status).toBe(401)
    expect((await hal.get(path)).body).toEqual(task)
  })
}
