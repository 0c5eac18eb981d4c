// manifest.json: which copies there are, who writes, and who wants to. A process that changes it
// swaps the state that it has read.
import { z } from 'zod'
import { requireAuthentic, type Trust, withMac } from './authenticity.ts'
import { type Bucket, BucketError } from './bucket.ts'
import { sha256Of } from './digest.ts'

export const MANIFEST = 'manifest.json'
export const COPIES = 'copies/'

const copyFields = z.strictObject({
  key: z.string(),
  /** Of the object. */
  bytes: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Of the database. */
  database_bytes: z.int().nonnegative(),
  /** Everything acknowledged before is in it. */
  created_at: z.iso.datetime(),
  /** Milliseconds from its beginning until it was in the manifest. */
  duration: z.number().nonnegative(),
  epoch: z.int().positive(),
  sequence: z.int().positive(),
  encrypted: z.boolean(),
  /** The tag of the last migration that the database had had. */
  migration: z.string(),
})

/** Only keys as they are written here: any other one might lead out of the folder. */
const copy = copyFields.refine(({ key, epoch, sequence, encrypted }) => {
  const order = orderOf(key)
  return order?.epoch === epoch && order.sequence === sequence && key.endsWith('.enc') === encrypted
})

const manifest = z.strictObject({
  format: z.literal(1),
  /**
   * Another one with each change, so that a change whose answer was lost is recognised. With a key
   * it carries the MAC.
   */
  revision: z.string(),
  lineage: z.string(),
  /** Counts the writers; only one ever has a number. */
  epoch: z.int().positive(),
  writer: z.string(),
  /** The writer has ended, and its last copy holds everything that it acknowledged. */
  released: z.boolean(),
  /** Who waits to be the next writer, and has which epoch then. */
  claim: z.strictObject({ epoch: z.int().positive(), by: z.string() }).nullable(),
  /** The newest last. */
  copies: z.array(copy),
})

export type Copy = z.infer<typeof copy>
export type Manifest = Readonly<z.infer<typeof manifest>>
/** A manifest and the tag by which it is swapped. */
export type Held = { readonly manifest: Manifest; readonly tag: string }

export const newest = ({ copies }: Manifest): Copy | undefined => copies.at(-1)

/** The name of a new copy: it says in which order copies were made, and is never used twice. */
export const keyOf = (epoch: number, sequence: number, encrypted: boolean): string =>
  `${COPIES}${pad(epoch)}-${pad(sequence)}-${crypto.randomUUID().slice(0, 8)}.db.gz${encrypted ? '.enc' : ''}`
const pad = (n: number): string => String(n).padStart(8, '0')

/** Where a writer leaves what its successor does not have. */
export const orphanKeyOf = (epoch: number, writer: string, encrypted: boolean): string =>
  `orphans/${pad(epoch)}-${writer.slice(0, 8)}.db.gz${encrypted ? '.enc' : ''}`

export type Order = { readonly epoch: number; readonly sequence: number }
/** What a copy's key says; undefined for other objects. */
export const orderOf = (key: string): Order | undefined => {
  const found = /^copies\/(\d{8,})-(\d{8,})-[0-9a-f]{8}\.db\.gz(?:\.enc)?$/.exec(key)
  return found ? { epoch: Number(found[1]), sequence: Number(found[2]) } : undefined
}

const checksumOf = (text: string): Promise<string> => sha256Of(new TextEncoder().encode(text))

const envelope = z.strictObject({ sha256: z.string(), manifest: z.unknown() })

/**
 * The manifest in a text, whose checksum is that of its own serialisation. Throws BucketError and
 * Unauthenticated.
 */
export const parseManifest = async (text: string, trust: Trust): Promise<Manifest> => {
  const found = await undamaged(text)
  if (found === undefined)
    throw new BucketError('unexpected', `${MANIFEST} in the bucket is damaged`)
  await requireAuthentic(found, trust)
  return found
}

/** As it stands there, because its MAC is about the order of its fields, too. */
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

/** Where a manifest is, and who may have written it. */
export type Source = { readonly bucket: Bucket; readonly trust: Trust }

export const readManifest = async ({ bucket, trust }: Source): Promise<Held | undefined> => {
  const found = await bucket.read(MANIFEST)
  return found && { manifest: await parseManifest(found.text, trust), tag: found.tag }
}

/**
 * Puts `next` in the place of what was read under `tag`. Throws a BucketError with `conflict` when
 * that is no longer there.
 */
export const swapManifest = async (
  source: Source,
  next: Omit<Manifest, 'revision'>,
  tag: string | undefined,
): Promise<Held> => {
  const { bucket, trust } = source
  const value: Manifest = await withMac({ ...next, revision: crypto.randomUUID() }, trust)
  try {
    return { manifest: value, tag: await bucket.swap(MANIFEST, await formatManifest(value), tag) }
  } catch (error) {
    // The answer to our own swap may have been lost, and then it is our own state that refuses the
    // repetition.
    const there = isConflict(error) ? await readManifest(source) : undefined
    if (there?.manifest.revision === value.revision) return there
    throw error
  }
}

export const isConflict = (error: unknown): boolean =>
  error instanceof BucketError && error.fault === 'conflict'
