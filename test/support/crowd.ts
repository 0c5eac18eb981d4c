// Many requests at the same moment, and what has to hold of a user's tasks after them.
import type { Answer, Client } from './client.ts'

/** Runs `act` for each of `all`, `atOnce` of them at a time, and answers in their order. */
export const crowd = async <T, R>(
  all: readonly T[],
  atOnce: number,
  act: (item: T, i: number) => Promise<R>,
): Promise<R[]> => {
  const answers: R[] = []
  let next = 0
  const worker = async () => {
    for (let i = next++; i < all.length; i = next++) answers[i] = await act(all[i] as T, i)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return answers
}

/** How many answers there are of each status, with the code of what was refused. */
export const tally = (answers: readonly Answer[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { status, body } of answers) {
    const key = status < 300 ? String(status) : `${status} ${body.code}`
    counts[key] = (counts[key] ?? 0) + 1
  }
  return counts
}

export type Listed = {
  readonly id: string
  readonly title: string
  readonly project_id: string
  readonly parent_id: string | null
  readonly position: string
}

/** Every item of a list, page by page. */
export const everyItem = async (client: Client, path: string): Promise<Listed[]> => {
  const items: Listed[] = []
  const joint = path.includes('?') ? '&' : '?'
  for (let cursor: string | null = ''; cursor !== null; ) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const { body } = await client.get(`${path}${joint}limit=200${more}`)
    items.push(...body.items)
    cursor = body.next_cursor
  }
  return items
}

/**
 * What is wrong with the shape of a user's tasks that are not in the trash; nothing, if all is
 * well.
 */
export const faultsOfShape = async (client: Client): Promise<string[]> => {
  const [tasks, projects] = [
    await everyItem(client, '/api/v1/tasks'),
    await everyItem(client, '/api/v1/projects'),
  ]
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const projectIds = new Set(projects.map(({ id }) => id))
  const faults: string[] = []
  for (const task of tasks) {
    if (!projectIds.has(task.project_id)) faults.push(`${task.title} is in a project that is gone`)
    let levels = 1
    for (let at = task; at.parent_id !== null && levels <= 10; levels++) {
      const parent = byId.get(at.parent_id)
      if (!parent) {
        faults.push(`${task.title} is below a task that is not there`)
        break
      }
      if (parent.project_id !== task.project_id)
        faults.push(`${task.title} is in another project than what it is below`)
      at = parent
    }
    if (levels > 10) faults.push(`${task.title} is below itself, or too deep`)
  }
  return faults
}
