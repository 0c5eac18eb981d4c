export { activityOperations } from './operations.ts'
