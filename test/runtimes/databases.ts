// Empty databases by the names that runtimes give them.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Fresh, freshDatabases } from '../support/fresh.ts'

export type MakeDatabase = () => Promise<Fresh>

const inFolder = async (urlOf: (folder: string) => string): Promise<Fresh> => {
  const folder = await mkdtemp(join(tmpdir(), 'taskport-runtime-'))
  return { url: urlOf(folder), drop: () => rm(folder, { recursive: true, force: true }) }
}

/** What makes an empty database of a kind, or what this machine lacks for that. */
export const makerOf = (name: string): MakeDatabase | string => {
  const servers: Record<string, MakeDatabase | undefined> = freshDatabases()
  const makers: Record<string, MakeDatabase | undefined> = {
    'libSQL file': () => inFolder((folder) => `file:${join(folder, 'taskport.db')}`),
    D1: () => inFolder((folder) => `d1:${folder}`),
    ...servers,
  }
  if (!(name in makers)) throw new Error(`there is no database of the kind ${name}`)
  return makers[name] ?? `the server (${name})`
}
