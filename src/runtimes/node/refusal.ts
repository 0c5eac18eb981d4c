/**
 * The process cannot start. The message is one line for the operator: the variable, the reason and
 * the remedy.
 */
export class Refusal extends Error {}

/** Codes of drivers for errors of any kind. */
const saysNothing = new Set(['', 'SQLITE_ERROR', 'SERVER_ERROR'])

/** The code of an error, as in `EACCES` or `SQLITE_NOTADB`, or else its message on one line. */
export const wordOf = (error: unknown): string => {
  const { code, message } = error as { code?: unknown; message?: unknown }
  if (typeof code === 'string' && !saysNothing.has(code)) return code
  const text = String(message).replace(/\s+/g, ' ')
  // The driver has SQLite's number only in its message:
  // https://www.sqlite.org/rescode.html#cantopen
  return /^ConnectionFailed\(.*: 14"\)$/.test(text) ? 'SQLITE_CANTOPEN' : text
}
