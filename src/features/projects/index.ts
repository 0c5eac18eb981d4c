export { composeProjects } from './compose.ts'
export { projectOperations } from './operations.ts'
export { countProjects } from './store.ts'
export {
  findInbox,
  findInboxTree,
  findTree,
  holdProject,
  holdTree,
  swapTree,
  type Tree,
} from './tree.ts'
