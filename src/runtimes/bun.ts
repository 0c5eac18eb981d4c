// Taskport on Bun.
import { bun } from './bun/platform.ts'
import { start } from './node/start.ts'

await start(bun, { name: 'npm run start:bun' })
