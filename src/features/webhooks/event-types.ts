/** What an endpoint can be told of. */
export const eventTypes = ['reminder.fired', 'reminder.missed'] as const
export type EventType = (typeof eventTypes)[number]

/** What a test sends. It is no event: it is sent to every endpoint that is tested. */
export const TEST_TYPE = 'webhook.test'
