import type { Ask } from '../load/requests.ts'
import type { Scenario } from '../scenarios.ts'

/** `held`: it may not take longer in a large file. */
export type Sized = Scenario & { readonly held: boolean }

const TASKS = '/api/v1/tasks'
/** Pages that a deep page lies behind, of 200 tasks each: the middle of a thousand tasks. */
const DEPTH = 2
type Page = { readonly items: readonly { readonly id: string }[]; readonly next_cursor: string | null }

/** What is asked of one person's tasks, found by asking. */
export const sizedScenarios = async (get: (path: string) => Promise<string>): Promise<Sized[]> => {
  const page = async (query: string) => JSON.parse(await get(`${TASKS}?${query}`)) as Page
  const deepCursor = async (query: string) => {
    let cursor: string | null = null
    for (let depth = 0; depth < DEPTH; depth++) cursor = (await page(`limit=200&${query}${cursor ? `&cursor=${cursor}` : ''}`)).next_cursor
    return cursor
  }
  const list = (query: string): Ask[] => [{ method: 'GET', path: `${TASKS}${query}`, by: 0 }]
  // From both ends and by their content, so that they are not neighbours.
  const pages = await Promise.all(
    ['sort=created_at', 'sort=-created_at', 'sort=updated_at&status=completed', 'sort=due'].map((q) => page(`limit=100&${q}`)),
  )
  const ids = [...new Set(pages.flatMap(({ items }) => items.map(({ id }) => id)))]
  const body = { title: 'Sweep the chimney', due: { date: '2030-12-01' }, labels: ['home'] }
  const common = { name: 'list', status: 200, held: true } as const
  return [
    { ...common, name: 'one', title: 'one task', asks: ids.map((id) => ({ method: 'GET', path: `${TASKS}/${id}`, by: 0 })) },
    { ...common, title: 'first page', asks: list('') },
    { ...common, title: 'open ones by due', asks: list('?status=pending&sort=due') },
    { ...common, title: 'changed last', asks: list('?sort=-updated_at') },
    { ...common, title: 'deep page', asks: list(`?cursor=${await deepCursor('')}`) },
    {
      ...common,
      title: 'open ones by due, deep',
      asks: list(`?status=pending&sort=due&cursor=${await deepCursor('status=pending&sort=due')}`),
    },
    { ...common, title: 'by title', asks: list('?sort=title'), held: false },
    { ...common, title: 'by priority', asks: list('?sort=-priority'), held: false },
    { ...common, title: 'by position', asks: list('?sort=position'), held: false },
    { ...common, title: 'search, a frequent word', asks: list('?q=chimney'), held: false },
    { ...common, title: 'search, a word that is nowhere, 4 at once', asks: list('?q=zeppelin'), held: false, connections: 4 },
    { name: 'create', status: 201, title: 'create', asks: [{ method: 'POST', path: TASKS, by: 0, body }], held: false },
  ]
}
