/** What a test sends. It is no event: it is sent to the endpoint that is tested. */
export const TEST_TYPE = 'webhook.test'
