export { importComments } from './import.ts'
export { commentOperations } from './operations.ts'
export { allComments } from './store.ts'
