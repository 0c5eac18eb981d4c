export { exportAll } from './export.ts'
export { exportOperations } from './operations.ts'
export { ExportDocument, formats } from './schemas.ts'
