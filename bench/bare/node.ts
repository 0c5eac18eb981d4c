// The bare app on Node: node bench/bare/node.ts answers.json
import { readFileSync } from 'node:fs'
import { serve } from '@hono/node-server'
import { bareApp } from './app.ts'

const { fetch } = bareApp(JSON.parse(readFileSync(process.argv[2] as string, 'utf8')))
serve({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
  console.error(`The bare app is at http://127.0.0.1:${port}`),
)
