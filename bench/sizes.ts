// Does a list take longer where there is more in the file?
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Load, load } from './load.ts'
import type { Size } from './ratios.ts'
import { signIn } from './scenarios.ts'
import { seed } from './seed.ts'
import { type Server, startService } from './service.ts'

const SMALL = { people: { ada: 1_000 } }
const LARGE = { people: { ada: 1_000, grace: 100_000 }, others: 899_000 }

/** A person's list at 1,000,000 tasks in the file, beside that of a person with 1,000 tasks in a file of 1,000. */
export type SizeRow = { readonly title: string; readonly pairs: readonly { readonly small: Load; readonly large: Load }[] }

const LISTS = { 'first page': '', 'by due, open ones': '?status=pending&sort=due', 'changed last': '?sort=-updated_at' } as const

export const measureSizes = async ({ rounds, seconds }: Size): Promise<SizeRow[]> => {
  const folders = [SMALL, LARGE].map(() => mkdtempSync(join(tmpdir(), 'taskport-sizes-')))
  const running: Server[] = []
  try {
    for (const [i, content] of [SMALL, LARGE].entries()) {
      await seed(join(folders[i] as string, 'taskport.db'), content)
      running.push(await startService({ dataDir: folders[i] as string }))
    }
    const [small, large] = running as [Server, Server]
    const ada = { small: await signIn(small.url, 'ada'), large: await signIn(large.url, 'ada') }
    const owners = { 'of 1,000 tasks': ada.large, 'of 100,000 tasks': await signIn(large.url, 'grace') }
    const rows: SizeRow[] = []
    for (const [owner, token] of Object.entries(owners))
      for (const [title, query] of Object.entries(LISTS)) {
        const asks = [{ method: 'GET', path: `/api/v1/tasks${query}` }]
        const ask = (server: Server, token: string) => load({ url: server.url, token, asks, seconds })
        const pairs = []
        for (const server of running) await ask(server, server === small ? ada.small : token)
        for (let round = 0; round < rounds; round++) pairs.push({ small: await ask(small, ada.small), large: await ask(large, token) })
        rows.push({ title: `${title}, ${owner}`, pairs })
      }
    return rows
  } finally {
    for (const server of running) await server.stop()
    for (const folder of folders) rmSync(folder, { recursive: true })
  }
}
