/** The process cannot start: one line for whoever runs it, with the variable, the reason and the remedy. */
export class Refusal extends Error {}

/** What the system said, in a word: `EACCES`, `SQLITE_NOTADB`; else its message on one line. */
export const wordOf = (error: unknown): string => {
  const { code, message } = error as { code?: unknown; message?: unknown }
  return typeof code === 'string' && code !== 'SQLITE_ERROR' ? code : String(message).replace(/\s+/g, ' ')
}
