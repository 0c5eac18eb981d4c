import type { Ctx } from '../../src/core/context.ts'
import { createDeferred } from '../../src/core/deferred.ts'
import { postgres as dialect } from '../../src/db/dialect/postgres.ts'
import { findTask } from '../../src/features/tasks/store.ts'
import type { TaskStatement } from '../bare/postgres.ts'
import { send } from '../data/http.ts'
import type { World } from '../data/world.ts'

/** The statement by which the service reads one task, as it hands it to its database. */
export const taskStatement = async (
  url: string,
  { url: service, tokens }: World,
): Promise<TaskStatement> => {
  const [token = ''] = await tokens()
  const { id: userId } = JSON.parse(
    await send(service, { method: 'GET', path: '/api/v1/me' }, token),
  ) as { id: string }
  const id = crypto.randomUUID()
  const { promise, resolve } = createDeferred<Pick<TaskStatement, 'text' | 'params'>>()
  const db: Pick<Ctx['db'], 'dialect' | 'one'> = {
    dialect,
    one: async (query, values = {}) => {
      resolve({ text: query.text, params: query.bind(values) as string[] })
      return undefined
    },
  }
  await findTask({ actor: { userId }, db } as Ctx, id)
  return { url, id, ...(await promise) }
}
