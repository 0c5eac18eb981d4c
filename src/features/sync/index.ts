export type { SyncCtx } from './events.ts'
export { syncOperations } from './operations.ts'
export { createStreams, type Streams } from './streams.ts'
