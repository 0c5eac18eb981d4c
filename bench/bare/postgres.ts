// A bare app that reads one task from Postgres by the service's own statement: node
// bench/bare/postgres.ts statement.json
import { readFileSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import postgres from 'postgres'

/** `params` as the service binds them, but for `id`, which is where the path's id goes. */
export type TaskStatement = {
  readonly url: string
  readonly text: string
  readonly params: readonly string[]
  readonly id: string
}

const { url, text, params, id } = JSON.parse(
  readFileSync(process.argv[2] as string, 'utf8'),
) as TaskStatement
/** As many connections as the service has. */
const sql = postgres(url, { max: 10 })

const app = new Hono()
app.get('/health', (c) => c.json({ status: 'ok' }))
app.get('/api/v1/tasks/:id', async (c) => {
  const asked = params.map((param) => (param === id ? c.req.param('id') : param))
  const [task] = await sql.unsafe(text, asked, { prepare: true })
  return task === undefined ? c.notFound() : c.json(task)
})
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
  console.error(`The bare app is at http://127.0.0.1:${port}`),
)
