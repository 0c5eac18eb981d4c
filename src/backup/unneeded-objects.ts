import type { Bucket } from './bucket.ts'
import type { Backup, Manifest } from './manifest.ts'

/** The objects that a writer has put into the bucket and that no manifest names. */
export type UnneededObjects = {
  /** The upload under this key begins: if it fails, a part of the object may be there. */
  uploading(key: string): void
  /** The object is there, and the manifest does not name it yet. */
  uploaded(key: string): void
  /** The manifest has been updated, and no longer names `dropped`. */
  manifestUpdated(manifest: Manifest, dropped: readonly Backup[]): void
  /** Deletes them. What cannot be deleted now is deleted after the next backup. */
  remove(): Promise<void>
}

export const createUnneededObjects = (bucket: Bucket): UnneededObjects => {
  const unneeded = new Set<string>()
  /**
   * Objects whose update of the manifest had no answer: the next update shows whether the manifest
   * names them.
   */
  const uncertain = new Set<string>()
  return {
    uploading: (key) => {
      unneeded.add(key)
    },
    uploaded: (key) => {
      unneeded.delete(key)
      uncertain.add(key)
    },
    manifestUpdated: ({ copies: backups }, dropped) => {
      const named = new Set(backups.map(({ key }) => key))
      for (const key of uncertain) if (!named.has(key)) unneeded.add(key)
      uncertain.clear()
      for (const { key } of dropped) unneeded.add(key)
    },
    remove: async () => {
      for (const key of unneeded)
        await bucket.remove(key).then(
          () => unneeded.delete(key),
          () => {},
        )
    },
  }
}
