// Imports into the database of a world, as the command does.

import { layoutOf } from '../../../scripts/import-legacy/layout.ts'
import { mannerOf } from '../../../scripts/import-legacy/people.ts'
import type { Counts } from '../../../scripts/import-legacy/report.ts'
import { importAll } from '../../../scripts/import-legacy/run.ts'
import { openSource } from '../../../scripts/import-legacy/source.ts'
import type { Config } from '../../../src/config.ts'
import { silent } from '../../../src/core/log.ts'
import type { World } from '../../support/world.ts'

type Options = {
  readonly users?: string
  readonly intoExisting?: boolean
  readonly dry?: boolean
  readonly quotas?: Partial<Config['quotas']>
  /** Hears each line when it is said. */
  say?(line: string): void
}
export type Imported = { readonly counts: Counts; readonly lines: readonly string[] }

export const importInto = async (
  { deps }: Pick<World, 'deps'>,
  url: string,
  { users, intoExisting = false, dry = false, quotas: given = {}, say }: Options = {},
): Promise<Imported> => {
  const { config, db, clock, ids } = deps
  const quotas = { ...config.quotas, ...given }
  const source = await openSource(url)
  const lines: string[] = []
  try {
    const counts = await importAll({
      source,
      layout: layoutOf(await source.tables()),
      ctx: { db, clock, ids, log: silent, quotas, credentials: { externalBySub: true } },
      quota: quotas.tasks,
      manner: mannerOf(users, config),
      intoExisting,
      dry,
      say: (line) => {
        lines.push(line)
        say?.(line)
      },
      progress: () => {},
    })
    return { counts, lines }
  } finally {
    await source.close()
  }
}
