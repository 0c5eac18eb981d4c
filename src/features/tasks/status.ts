import { openStatuses } from '../../core/open-statuses.ts'
import { type Status, statuses } from './schemas.ts'

export { openStatuses }

const open: readonly Status[] = openStatuses
/** Completed and cancelled tasks are done, the others are open. */
export const isDone = (status: Status): boolean => !open.includes(status)

export const doneStatuses: readonly Status[] = statuses.filter(isDone)
