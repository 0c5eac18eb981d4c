/** A process cannot become the writer, or restore a backup. The message is for the operator. */
export class BackupRefused extends Error {}
