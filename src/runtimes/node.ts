// Taskport on Node.
import { start } from './node/start.ts'

await start(async () => (await import('./node/server.ts')).node, {
  name: 'npm start',
  workers: true,
})
