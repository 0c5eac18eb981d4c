// What the package offers.
export { type Api, createTaskport, type Taskport, type TaskportOptions } from './client.ts'
export { TaskportError } from './errors.ts'
export {
  type Ending,
  type Following,
  type FollowOptions,
  type FollowState,
  follow,
} from './follow.ts'
export { type MemoryStore, memoryStore } from './memory-store.ts'
export type * from './schema.ts'
export type { Entry, Page, Refusal, Store } from './store.ts'
export { memoryTokens, type TokenPair, type TokenStorage, webTokens } from './tokens.ts'
export { uuidv7 } from './uuid.ts'
