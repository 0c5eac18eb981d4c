/**
 * Variables that earlier versions had. If one is set (and not blank), the start is refused on every
 * runtime. The text completes the sentence that begins with its name, and names what to use
 * instead.
 */
export const removedVariables: Readonly<Record<string, string>> = {
  DATABASE_REPLICA:
    'is not supported any more, there are no embedded replicas: remove it, and set DATABASE_URL to the libSQL server, ' +
    'which is then asked directly, or to a database file, with BACKUP_URL for its backups',
}
