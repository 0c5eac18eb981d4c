export { projectOperations } from './operations.ts'
export { findInbox, findTree, holdProject, holdTree, swapTree, type Tree } from './store.ts'
