export { importComments } from './import.ts'
export { commentOperations } from './operations.ts'
export { Comment, MAX_COMMENT_BYTES, NewComment } from './schemas.ts'
export { allComments, allCommentsOn } from './store.ts'
