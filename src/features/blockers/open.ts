/** A task of one of these statuses blocks what waits for it. All others are done. */
export const openStatuses = ['pending', 'in_progress'] as const
