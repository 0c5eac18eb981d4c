export { batchOperations } from './operations.ts'
export type { BatchCtx, One, Singles } from './run.ts'
export type { BatchResult } from './schemas.ts'
