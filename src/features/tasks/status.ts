import { type Status, statuses } from './schemas.ts'

/** Completed and cancelled tasks are done, the others are open. */
export const isDone = (status: Status): boolean => status === 'completed' || status === 'cancelled'

export const doneStatuses: readonly Status[] = statuses.filter(isDone)
export const openStatuses: readonly Status[] = statuses.filter((status) => !isDone(status))
