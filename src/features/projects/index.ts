export { projectOperations } from './operations.ts'
export {
  countProjects,
  findInbox,
  findInboxTree,
  findTree,
  holdProject,
  holdTree,
  swapTree,
  type Tree,
} from './store.ts'
