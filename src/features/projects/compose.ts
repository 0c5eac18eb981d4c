// Names that an earlier version stored as they were typed: composed (NFC), as names are now.
import type { Ctx } from '../../core/context.ts'
import type { Project } from './schemas.ts'
import { pageOfProjects } from './store.ts'
import { updateProject } from './update.ts'

const PAGE = 500

/** Renames the caller's projects whose names are not composed. Answers how many there were. */
export const composeProjects = async (ctx: Ctx): Promise<number> => {
  let [composed, page] = [0, [] as Project[]]
  do {
    const last = page.at(-1)
    page = await pageOfProjects(ctx, PAGE, last && { key: last.position, id: last.id })
    for (const { id, name } of page) {
      const patch = { name: name.normalize('NFC') }
      if (name === patch.name) continue
      await updateProject(ctx, { id, ifMatch: undefined, patch })
      composed++
    }
  } while (page.length === PAGE)
  return composed
}
