/** The service cannot run as it is set up: what to change, in a sentence that anybody may read. */
export class Refusal extends Error {}
