/**
 * The service cannot run with its configuration. The message says what to change, and clients see
 * it.
 */
export class Refusal extends Error {}
