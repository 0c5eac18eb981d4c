/**
 * Variables that earlier versions knew. One that is set (and not blank) refuses the start on every
 * runtime: the text completes the sentence that its name begins, and says what to use instead.
 */
export const removedVariables: Readonly<Record<string, string>> = {
  DATABASE_REPLICA:
    'is not supported any more, there are no embedded replicas: remove it, and set DATABASE_URL to the libSQL server, ' +
    'which is then asked directly, or to a database file, with BACKUP_URL for its copies',
}
