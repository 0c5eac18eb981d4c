export { projectOperations } from './operations.ts'
export {
  countProjects,
  findInbox,
  findTree,
  holdProject,
  holdTree,
  swapTree,
  type Tree,
} from './store.ts'
