export { createProject } from './create.ts'
export { deleteProject } from './delete.ts'
export { getProject } from './get.ts'
export { listProjects } from './list.ts'
export { NewProject, Project, ProjectPatch } from './schemas.ts'
export {
  findInbox,
  findInboxTree,
  findTree,
  holdProject,
  holdTree,
  swapTree,
  type Tree,
} from './store.ts'
export { updateProject } from './update.ts'
