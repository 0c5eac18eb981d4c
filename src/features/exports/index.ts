export { exportAll, type Format, formats } from './export.ts'
export { exportOperations } from './operations.ts'
export { ExportDocument } from './schemas.ts'
