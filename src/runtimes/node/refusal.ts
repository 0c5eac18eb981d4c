/**
 * The process cannot start: one line for the operator, with the variable, the reason and the
 * remedy.
 */
export class Refusal extends Error {}

/** What the system said, in a word: `EACCES`, `SQLITE_NOTADB`; else its message on one line. */
export const wordOf = (error: unknown): string => {
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (typeof code === 'string' && code !== '' && code !== 'SQLITE_ERROR') return code
  const text = String(message).replace(/\s+/g, ' ')
  // The driver gives SQLite's number in words only: https://www.sqlite.org/rescode.html#cantopen
  return /^ConnectionFailed\(.*: 14"\)$/.test(text) ? 'SQLITE_CANTOPEN' : text
}
