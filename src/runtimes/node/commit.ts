// The revision of the source that runs. A bundle has it built in; where the source itself runs, it
// is read from the files of git, which need not be installed.
import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { root } from './package-root.ts'

/** Replaced when a bundle is built. */
declare const BUILT_COMMIT: string

const REVISION = /^[0-9a-f]{40,64}$/

const read = (...path: string[]): string => readFileSync(join(...path), 'utf8').trim()

/** The folder of git: a working tree beside the repository has a file that names it. */
const gitFolderOf = (folder: string): string => {
  const path = join(folder, '.git')
  if (statSync(path).isDirectory()) return path
  return resolve(dirname(path), read(path).replace(/^gitdir: /, ''))
}

/** What these files have checked out; undefined where git does not keep them. */
export const commitOf = (folder: string): string | undefined => {
  try {
    const git = gitFolderOf(folder)
    const head = read(git, 'HEAD')
    const [, ref] = /^ref: (.+)$/.exec(head) ?? []
    const found = ref === undefined ? head : revisionOf(git, ref)
    return found !== undefined && REVISION.test(found) ? found : undefined
  } catch {
    return undefined
  }
}

const revisionOf = (git: string, ref: string): string | undefined => {
  const all = commonFolderOf(git)
  try {
    return read(all, ref)
  } catch {
    const packed = read(all, 'packed-refs').split('\n')
    return packed.find((line) => line.endsWith(` ${ref}`))?.split(' ')[0]
  }
}

const commonFolderOf = (git: string): string => {
  try {
    return resolve(git, read(git, 'commondir'))
  } catch {
    return git
  }
}

export const builtCommit = (): string | undefined =>
  typeof BUILT_COMMIT === 'string' ? BUILT_COMMIT || undefined : commitOf(root)
