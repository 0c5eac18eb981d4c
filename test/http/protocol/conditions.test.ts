import { describe, expect, test } from 'vitest'
import { coded, openWith, operationsIn, task, webhook } from './open.ts'

describe('conditions', () => {
  test('whatever has an ETag is answered 304 to those who know it', async () => {
    const { world, ann } = await openWith()
    const below = async (path: string, body: object) =>
      (await ann.post(`/api/v1/tasks/${(await task(ann)).id}/${path}`, body)).body
    const comment = () => below('comments', { text: 'Swept' })
    const reminder = () => below('reminders', { trigger: { kind: 'day', date: '2027-12-01' } })
    const things: Record<string, string> = {
      getTask: (await task(ann)).id,
      getProject: (await ann.get('/api/v1/projects')).body.items[0].id,
      getLabel: (await ann.post('/api/v1/labels', { name: 'errand' })).body.id,
      getComment: (await comment()).id,
      getReminder: (await reminder()).id,
      getWebhook: (await webhook(ann)).id,
    }
    const readers = operationsIn(world).filter(({ responses }) => responses['304'])
    expect(readers.map(({ operationId }) => operationId).sort()).toEqual(Object.keys(things).sort())
    for (const { path, operationId } of readers) {
      const place = path.replace('{id}', things[operationId] as string)
      const etag = (await ann.get(place)).headers.get('ETag') as string
      expect(etag).toMatch(/^"[\w-]{36}"$/)
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
        const { status, text, headers } = await ann.get(place, { 'If-None-Match': known })
        expect([status, text, headers.get('ETag'), headers.get('Cache-Control')], known).toEqual([
          304,
          '',
          etag,
          'private, no-cache',
        ])
      }
      for (const other of ['"x"', etag.slice(1, -1), ''])
        expect((await ann.get(place, { 'If-None-Match': other })).status, other).toBe(200)
    }
  })

  test('whatever looks at If-Match refuses another revision with 412; PUT asks for one with 428', async () => {
    const { world, ann } = await openWith()
    const kept = await task(ann)
    const below = async (path: string, body: object) =>
      (await ann.post(`/api/v1/tasks/${(await task(ann)).id}/${path}`, body)).body
    const makers: Record<string, () => Promise<{ id: string }>> = {
      tasks: () => task(ann, { due: { date: '2026-12-01' }, recurrence: { rule: 'FREQ=DAILY' } }),
      comments: () => below('comments', { text: 'Swept' }),
      webhooks: () => webhook(ann),
      reminders: () => below('reminders', { trigger: { kind: 'day', date: '2027-12-01' } }),
      projects: async () => (await ann.post('/api/v1/projects', { name: 'House' })).body,
      labels: async () => (await ann.post('/api/v1/labels', { name: crypto.randomUUID() })).body,
    }
    const bodies: Record<string, object> = {
      replaceTask: { title: 'x' },
      updateTask: { title: 'x' },
      moveTask: {},
      updateProject: { name: 'x' },
      updateLabel: { color: '#000000' },
      updateComment: { text: 'Swept twice' },
      updateWebhook: { description: 'Chat' },
      updateReminder: { trigger: { kind: 'day', date: '2027-12-02' } },
    }
    const guarded = operationsIn(world).filter(({ parameters = [] }) =>
      parameters.some(({ name }) => name === 'If-Match'),
    )
    expect(guarded.length).toBeGreaterThanOrEqual(11)
    for (const { method, path, operationId } of guarded) {
      const collection = path.split('/')[3] as string
      const { id } = await (makers[collection] as () => Promise<{ id: string }>)()
      const place = path.replace('{id}', id)
      const before = (await ann.get(`/api/v1/${collection}/${id}`)).body
      const stale = await ann.send(method, place, bodies[operationId], {
        'If-Match': `"${kept.rev}"`,
      })
      expect(coded(stale), operationId).toEqual([412, 'precondition_failed'])
      const weak = await ann.send(method, place, bodies[operationId], {
        'If-Match': `W/"${kept.rev}", "${kept.rev}-gzip"`,
      })
      expect(coded(weak), `${operationId} with changed tags`).toEqual([412, 'precondition_failed'])
      if (method === 'PUT')
        expect(coded(await ann.send(method, place, bodies[operationId]))).toEqual([
          428,
          'precondition_required',
        ])
      expect((await ann.get(`/api/v1/${collection}/${id}`)).body).toEqual(before)
      const fresh = await ann.send(method, place, bodies[operationId], {
        'If-Match': `"x", W/"${before.rev}-br"`,
      })
      expect(fresh.status, `${operationId} with the present revision: ${fresh.text}`).toBeLessThan(
        300,
      )
    }
  })
})
