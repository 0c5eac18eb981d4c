import { type Ctx, now } from '../../core/context.ts'

/**
 * Has it looked at once whether a reminder is to fire: a task is about to come back, whose reminders
 * may have waited for that since their time passed.
 */
export const lookForDue = (ctx: Ctx): void => ctx.alarm?.note(now(ctx))
