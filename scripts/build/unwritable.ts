import { userInfo } from 'node:os'
import { refusalText } from '../support/program.ts'

/** System errors, and what esbuild makes of them in its messages. */
const REFUSED = /EACCES|EPERM|EROFS|permission denied|operation not permitted|read-only file system/

/** Says which folder this user cannot write, where that is what went wrong. */
export const unwritable =
  (folder: string) =>
  (error: unknown): string | undefined =>
    REFUSED.test(String((error as Error).message))
      ? `user ${nameOfUser()} cannot write to ${folder}, where the build goes: remove that folder or let this user write there, or start what is built already (docs/deploy/node.md)`
      : refusalText(error)

const nameOfUser = (): string => {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? 'of this process') // a user without an entry
  }
}
