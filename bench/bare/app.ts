// What the service is compared with: Hono with nothing around it, answering what the service
// answered.
import { Hono } from 'hono'
import type { Answers } from '../scenarios.ts'

export const bareApp = (answers: Answers): Hono => {
  const app = new Hono()
  app.get('/health', (c) => c.json(answers.health))
  app.get('/api/v1/tasks', (c) => {
    const { url } = c.req
    return c.json(
      url.includes('cursor=')
        ? answers.deep
        : url.includes('status=')
          ? answers.filtered
          : answers.list,
    )
  })
  app.get('/api/v1/tasks/:id', (c) => c.json(answers.one))
  app.post('/api/v1/tasks', async (c) => {
    await c.req.json()
    return c.json(answers.create, 201)
  })
  app.patch('/api/v1/tasks/:id', async (c) => {
    await c.req.json()
    return c.json(answers.patch)
  })
  app.post('/api/v1/batch', async (c) => {
    await c.req.json()
    return c.json(answers.batch)
  })
  app.get('/api/v1/tasks/:id/occurrences', (c) =>
    c.json(c.req.url.includes('past') ? answers.past : answers.next),
  )
  app.get('/api/v1/changes', (c) => c.json(answers.changes))
  // Also of a task that recurs: its answer is a few hundred bytes longer.
  app.post('/api/v1/tasks/:id/complete', (c) => c.json(answers.complete))
  app.post('/api/v1/tasks/:id/reopen', (c) => c.json(answers.complete))
  app.post('/api/v1/auth/login', async (c) => {
    await c.req.json()
    return c.json(answers.login)
  })
  app.post('/api/v1/auth/refresh', async (c) => {
    await c.req.json()
    return c.json(answers.refresh)
  })
  return app
}
