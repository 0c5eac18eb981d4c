export { composeProjects } from './compose.ts'
export { getProject } from './get.ts'
export { loggedProjects } from './logged.ts'
export { projectOperations } from './operations.ts'
export { Project } from './schemas.ts'
export { countProjects, insertProject, pageOfProjects, takenProjectIds } from './store.ts'
export {
  findInbox,
  findInboxTree,
  findTree,
  holdProject,
  holdTree,
  swapTree,
  type Tree,
} from './tree.ts'
export { updateProject } from './update.ts'
