// manifest.json in the bucket: the backups, the writer, and the process that wants to be the next
// writer. A process changes it by a swap with the state that it has read.
//
// Processes of several versions read it. That is why backups are called `copies` in it, and why their
// keys begin with `copies/`.
import { z } from 'zod'
import { requireAuthentic, type Trust, withMac } from './authenticity.ts'
import { type Bucket, BucketError } from './bucket.ts'
import { sha256Of } from './digest.ts'

export const MANIFEST = 'manifest.json'
export const BACKUPS_PREFIX = 'copies/'

const backupFields = z.strictObject({
  key: z.string(),
  /** Size of the object. */
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Size of the database. */
  database_bytes: z.int().nonnegative(),
  /** The backup holds everything that was acknowledged before. */
  created_at: z.iso.datetime(),
  /** Milliseconds from its begin until it was in the manifest. */
  duration: z.number().nonnegative(),
  epoch: z.int().positive(),
  sequence: z.int().positive(),
  encrypted: z.boolean(),
  /** The tag of the last migration of the database. */
  migration: z.string(),
})

/** A key of another form could lead out of the folder, so it is refused. */
const backup = backupFields.refine(({ key, epoch, sequence, encrypted }) => {
  const number = numberOf(key)
  return (
    number?.epoch === epoch && number.sequence === sequence && key.endsWith('.enc') === encrypted
  )
})

const manifest = z.strictObject({
  format: z.literal(1),
  /**
   * Differs with each change. By it a process recognises its own change whose answer was lost. With
   * BACKUP_ENCRYPTION_KEY it carries the MAC.
   */
  revision: z.string(),
  lineage: z.string(),
  /** Counts the writers. No two writers have the same. */
  epoch: z.int().positive(),
  writer: z.string(),
  /** The writer has ended, and its last backup holds everything that it acknowledged. */
  released: z.boolean(),
  /** The process that waits to be the next writer, and its epoch then. */
  claim: z.strictObject({ epoch: z.int().positive(), by: z.string() }).nullable(),
  /** The backups, the newest last. */
  copies: z.array(backup),
})

export type Backup = z.infer<typeof backup>
export type Manifest = Readonly<z.infer<typeof manifest>>
/** A manifest and the tag by which it is swapped. */
export type TaggedManifest = { readonly manifest: Manifest; readonly tag: string }

export const newest = ({ copies: backups }: Manifest): Backup | undefined => backups.at(-1)

/** The key of a new backup. Keys are in the order of the backups, and none is used twice. */
export const backupKey = (epoch: number, sequence: number, encrypted: boolean): string =>
  `${BACKUPS_PREFIX}${pad(epoch)}-${pad(sequence)}-${crypto.randomUUID().slice(0, 8)}.db.gz${encrypted ? '.enc' : ''}`
const pad = (n: number): string => String(n).padStart(8, '0')

/** The key under which a writer leaves the writes that the next writer does not have. */
export const orphanKey = (epoch: number, writer: string, encrypted: boolean): string =>
  `orphans/${pad(epoch)}-${writer.slice(0, 8)}.db.gz${encrypted ? '.enc' : ''}`

export type BackupNumber = { readonly epoch: number; readonly sequence: number }
/** The number in the key of a backup. Undefined for other objects. */
export const numberOf = (key: string): BackupNumber | undefined => {
  const found = /^copies\/(\d{8,})-(\d{8,})-[0-9a-f]{8}\.db\.gz(?:\.enc)?$/.exec(key)
  return found ? { epoch: Number(found[1]), sequence: Number(found[2]) } : undefined
}

const checksumOf = (text: string): Promise<string> => sha256Of(new TextEncoder().encode(text))

const envelope = z.strictObject({ sha256: z.string(), manifest: z.unknown() })

/** Reads a manifest and checks its checksum and its MAC. Throws BucketError and Unauthenticated. */
export const parseManifest = async (text: string, trust: Trust): Promise<Manifest> => {
  const found = await undamaged(text)
  if (found === undefined)
    throw new BucketError('unexpected', `${MANIFEST} in the bucket is damaged`)
  await requireAuthentic(found, trust)
  return found
}

/** Keeps the order of the fields, because the MAC depends on it. */
const undamaged = async (text: string): Promise<Manifest | undefined> => {
  try {
    const { sha256, manifest: inner } = envelope.parse(JSON.parse(text))
    manifest.parse(inner)
    return (await checksumOf(JSON.stringify(inner))) === sha256 ? (inner as Manifest) : undefined
  } catch {
    return undefined
  }
}

const formatManifest = async (value: Manifest): Promise<string> =>
  JSON.stringify({ sha256: await checksumOf(JSON.stringify(value)), manifest: value }, undefined, 1)

/** Where a manifest is, and with which key it is written. */
export type Source = { readonly bucket: Bucket; readonly trust: Trust }

export const readManifest = async ({
  bucket,
  trust,
}: Source): Promise<TaggedManifest | undefined> => {
  const found = await bucket.read(MANIFEST)
  return found && { manifest: await parseManifest(found.text, trust), tag: found.tag }
}

/**
 * Replaces the manifest that has this tag. Throws a BucketError with `conflict` when the manifest in
 * the bucket has another tag.
 */
export const swapManifest = async (
  source: Source,
  next: Omit<Manifest, 'revision'>,
  tag: string | undefined,
): Promise<TaggedManifest> => {
  const { bucket, trust } = source
  const value: Manifest = await withMac({ ...next, revision: crypto.randomUUID() }, trust)
  try {
    return { manifest: value, tag: await bucket.swap(MANIFEST, await formatManifest(value), tag) }
  } catch (error) {
    // The answer to a swap that succeeded may have been lost. Then the repetition conflicts with it.
    const there = isConflict(error) ? await readManifest(source) : undefined
    if (there?.manifest.revision === value.revision) return there
    throw error
  }
}

export const isConflict = (error: unknown): boolean =>
  error instanceof BucketError && error.fault === 'conflict'
