// A bucket in a folder, as on a mounted volume. Each object is a file. A swap takes a lock file.
import { createReadStream, createWriteStream, openAsBlob } from 'node:fs'
import { lstat, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Bucket, BucketError } from '../../../backup/bucket.ts'
import { sha256Of } from '../../../backup/digest.ts'
import { isStorageFull } from '../../../db/portable.ts'
import { wordOf } from '../refusal.ts'

const LOCK = 'manifest.lock'
/** A lock that is older was left by a process that was killed. */
const ABANDONED_MS = 10_000
const PART = '.part'
/** The name of a file or folder in a key: not `.`, `..` or empty. */
const NAME = /^(?!\.{1,2}$)[\w.-]+$/

export const createFolderBucket = (folder: string): Bucket => {
  /** The path of an object. Throws BucketError for a key or a link that leads out of the folder. */
  const pathOf = async (key: string): Promise<string> => {
    const names = key.split('/')
    if (!names.every((name) => NAME.test(name)))
      throw new BucketError('unexpected', 'the key of an object leads out of the folder')
    let path = folder
    for (const name of names) {
      path = join(path, name)
      if ((await lstat(path).catch(unlessMissing))?.isSymbolicLink())
        throw new BucketError(
          'unexpected',
          `${relative(folder, path)} is a symbolic link, which may lead out of the folder`,
        )
    }
    return path
  }
  const textAt = async (key: string) => {
    const bytes = await readFile(await pathOf(key)).catch(unlessMissing)
    return bytes && { text: bytes.toString(), tag: await sha256Of(new Uint8Array(bytes)) }
  }
  /** Writes to another name and renames then, so that no reader sees half an object. */
  const put = async (key: string, open: () => Readable, signal?: AbortSignal) => {
    const path = await pathOf(key)
    await mkdir(dirname(path), { recursive: true })
    const part = `${path}.${crypto.randomUUID()}${PART}`
    try {
      await pipeline(open(), createWriteStream(part, { flush: true }), {
        ...(signal && { signal }),
      })
      await rename(part, path)
    } finally {
      await rm(part, { force: true })
    }
  }
  const bucket: Bucket = {
    read: textAt,
    swap: async (key, text, tag) => {
      const unlock = await lock(join(folder, LOCK))
      try {
        if ((await textAt(key))?.tag !== tag)
          throw new BucketError('conflict', 'another process was faster')
        await put(key, () => Readable.from([text]))
        return await sha256Of(new TextEncoder().encode(text))
      } finally {
        await unlock()
      }
    },
    upload: (key, { path }, signal) => put(key, () => createReadStream(path), signal),
    download: async (key, from = 0) => (await openAsBlob(await pathOf(key))).slice(from).stream(),
    list: async () => {
      const entries =
        (await readdir(folder, { recursive: true, withFileTypes: true }).catch(unlessMissing)) ?? []
      const files = entries
        .filter((entry) => entry.isFile())
        .map(({ parentPath, name }) => relative(folder, join(parentPath, name)))
      return files.filter((name) => name !== LOCK && !name.endsWith(PART))
    },
    remove: async (key) => rm(await pathOf(key), { force: true }),
  }
  return speaking(bucket)
}

const unlessMissing = (error: unknown): undefined => {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
}

const lock = async (path: string): Promise<() => Promise<void>> => {
  await mkdir(dirname(path), { recursive: true })
  try {
    await (await open(path, 'wx')).close()
    return () => rm(path, { force: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const age = Date.now() - ((await stat(path).catch(unlessMissing))?.mtimeMs ?? Date.now())
    if (age > ABANDONED_MS) await rm(path, { force: true })
    throw new BucketError('unavailable', 'another process is changing it')
  }
}

/** The same, with the system's errors as BucketErrors. */
const speaking = (bucket: Bucket): Bucket => {
  const said = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      if (error instanceof BucketError) throw error
      const word = wordOf(error)
      const fault = /^(EACCES|EPERM|EROFS)$/.test(word)
        ? 'forbidden'
        : /^(ENOENT|ENOTDIR)$/.test(word)
          ? 'no_bucket'
          : 'unavailable'
      throw new BucketError(
        fault,
        isStorageFull(error)
          ? 'the disk of the backups is full'
          : `the folder of the backups cannot be used (${word})`,
      )
    }
  }
  return {
    read: (key) => said(bucket.read(key)),
    swap: (key, text, tag) => said(bucket.swap(key, text, tag)),
    upload: (...given) => said(bucket.upload(...given)),
    download: (...given) => said(bucket.download(...given)),
    list: () => said(bucket.list()),
    remove: (key) => said(bucket.remove(key)),
  }
}
