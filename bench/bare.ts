// What the service is compared with: Hono with nothing around it, answering bytes that the service answered.
import { readFileSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import type { Answers } from './scenarios.ts'

const answers = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as Answers

const app = new Hono()
app.get('/health', (c) => c.json(answers.health))
app.get('/api/v1/tasks', (c) => c.json(answers.list))
app.get('/api/v1/tasks/:id', (c) => c.json(answers.one))
app.post('/api/v1/tasks', async (c) => {
  await c.req.json()
  return c.json(answers.create, 201)
})
app.patch('/api/v1/tasks/:id', async (c) => {
  await c.req.json()
  return c.json(answers.patch)
})

serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.error(`The bare app is at http://127.0.0.1:${port}`))
process.on('SIGTERM', () => process.exit(0))
