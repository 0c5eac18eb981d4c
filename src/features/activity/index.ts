export { findEvent } from './get.ts'
export { activityOperations } from './operations.ts'
export { Event, EventType } from './schemas.ts'
