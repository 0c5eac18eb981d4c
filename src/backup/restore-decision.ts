// What a process that starts does with what it finds here and in the bucket. An empty database
// never takes the place of a good copy.

import type { Stamp } from './lineage.ts'
import { COPIES, type Copy, type Manifest, newest, type Order, orderOf } from './manifest.ts'

/** The database file on this disk. Without a stamp it has never been copied anywhere. */
export type Local = { readonly stamp: Stamp | undefined }

export type Decision =
  /** Nothing was ever copied: what is here (or a new database) begins. */
  | { readonly kind: 'begin' }
  /** What is here is at least as new as every copy. */
  | { readonly kind: 'keep' }
  /**
   * `aside`: there is an older file here. Without a copy (the writer before ended before its first
   * one) what is here goes on.
   */
  | { readonly kind: 'restore'; readonly copy: Copy | undefined; readonly aside: boolean }
  | { readonly kind: 'refuse'; readonly reason: string; readonly remedy: string }

export const decide = (
  local: Local | undefined,
  manifest: Manifest | undefined,
  keys: readonly string[],
): Decision => {
  if (manifest === undefined) return withoutManifest(keys)
  if (local !== undefined && local.stamp?.lineage !== manifest.lineage) return strange(local)
  const orders = keys.map(orderOf).filter((order) => order !== undefined)
  if (local?.stamp !== undefined && local.stamp.epoch >= manifest.epoch) {
    const { epoch } = local.stamp
    return orders.some((order) => order.epoch > epoch) ? outdated : { kind: 'keep' }
  }
  return isOutdated(manifest, orders)
    ? outdated
    : { kind: 'restore', copy: newest(manifest), aside: local !== undefined }
}

const outdated: Decision = {
  kind: 'refuse',
  reason: 'manifest.json is older than the copies beside it',
  remedy: 'put the newest manifest.json back, or move the newer copies out of the prefix',
}

const withoutManifest = (keys: readonly string[]): Decision => {
  if (keys.length === 0) return { kind: 'begin' }
  const [reason, remedy] = keys.some((key) => key.startsWith(COPIES))
    ? [
        'there are copies, but no manifest.json that says which is good',
        'restore one of them by hand',
      ]
    : ['something else is kept there', 'name an empty prefix']
  return { kind: 'refuse', reason, remedy: `${remedy}, or name another prefix in BACKUP_URL` }
}

const strange = ({ stamp }: Local): Decision => ({
  kind: 'refuse',
  reason: stamp
    ? 'the copies there are of another database than the one on this disk'
    : 'there are copies of a database already, and the one on this disk has never been copied',
  remedy:
    'name another prefix in BACKUP_URL, or move the file on this disk away to have the copy restored',
})

/**
 * Does the prefix hold copies that this manifest cannot know yet? A kill between a copy and its
 * entry leaves one behind that would have come next; what is beyond that says that an older
 * manifest has come back.
 */
const isOutdated = (manifest: Manifest, orders: readonly Order[]): boolean => {
  const next = (newest(manifest)?.sequence ?? 0) + 1
  return orders.some(({ epoch, sequence }) => epoch > manifest.epoch || sequence > next)
}
