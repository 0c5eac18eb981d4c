export { labelOperations } from './operations.ts'
export { type Entry, repairNames } from './repair.ts'
export { resolveLabels } from './resolve.ts'
export { LabelName } from './schemas.ts'
