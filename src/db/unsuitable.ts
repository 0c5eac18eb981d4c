/**
 * Thrown when a database has settings that the statements cannot work with, and that a session cannot change.
 * The message says what to do.
 */
export class UnsuitableDatabase extends Error {}
