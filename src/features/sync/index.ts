export { syncOperations } from './operations.ts'
