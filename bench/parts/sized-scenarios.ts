import { send } from '../data/http.ts'
import type { World } from '../data/world.ts'
import type { Ask } from '../load/requests.ts'
import { alternated, type Scenario } from '../scenarios.ts'

/** `held`: it may not take longer in a large file. */
export type Sized = Scenario & { readonly held: boolean }

const TASKS = '/api/v1/tasks'
const PAGE = 100
/** How many of the tasks lie before a deep page. */
const DEPTH = 0.25
/** Of all people together: few enough for a generator's script. */
const MOST_IDS = 6_400
type Page = {
  readonly items: readonly { readonly id: string }[]
  readonly next_cursor: string | null
}

/**
 * What is asked of these people's tasks, of which each of them has `each`, found by asking. A deep
 * page lies behind a quarter of them.
 */
export const sizedScenarios = async (world: World, each: number): Promise<Sized[]> => {
  const tokens = await world.tokens()
  const found: Found[] = []
  for (const token of tokens) found.push(await lookAround(world.url, token, each))
  const ofEach = (asks: (found: Found, by: number) => readonly Ask[]): Ask[] =>
    alternated(found.map(asks))
  const list = (query: string | ((found: Found) => string)): Ask[] =>
    ofEach((person, by) => [
      { method: 'GET', path: `${TASKS}${typeof query === 'string' ? query : query(person)}`, by },
    ])
  const body = { title: 'Sweep the chimney', due: { date: '2030-12-01' }, labels: ['home'] }
  const most = Math.floor(MOST_IDS / tokens.length)
  const one = ofEach(({ ids }, by) =>
    ids.slice(0, most).map((id) => ({ method: 'GET', path: `${TASKS}/${id}`, by })),
  )
  const common = { name: 'list', status: 200, held: true } as const
  return [
    { ...common, name: 'one', title: 'one task', asks: one },
    { ...common, title: 'first page', asks: list('') },
    { ...common, title: 'open ones by due', asks: list('?status=pending&sort=due') },
    { ...common, title: 'changed last', asks: list('?sort=-updated_at') },
    { ...common, title: 'deep page', asks: list(({ deep }) => `?cursor=${deep}`) },
    {
      ...common,
      title: 'open ones by due, deep',
      asks: list(({ deepDue }) => `?status=pending&sort=due&cursor=${deepDue}`),
    },
    { ...common, title: 'by title', asks: list('?sort=title'), held: false },
    { ...common, title: 'by priority', asks: list('?sort=-priority'), held: false },
    { ...common, title: 'by position', asks: list('?sort=position'), held: false },
    { ...common, title: 'search, a frequent word', asks: list('?q=chimney'), held: false },
    {
      ...common,
      title: 'search, a word that is nowhere, 4 at once',
      asks: list('?q=zeppelin'),
      held: false,
      connections: 4,
    },
    {
      name: 'create',
      status: 201,
      title: 'create',
      asks: ofEach((_, by) => [{ method: 'POST', path: TASKS, by, body }]),
      held: false,
    },
  ]
}

type Found = { readonly ids: readonly string[]; readonly deep: string; readonly deepDue: string }

const lookAround = async (url: string, token: string, tasks: number): Promise<Found> => {
  const page = async (query: string) =>
    JSON.parse(await send(url, { method: 'GET', path: `${TASKS}?${query}` }, token)) as Page
  /** The cursor behind so many of `count`. */
  const deepIn = async (query: string, count: number): Promise<string> => {
    let cursor = ''
    for (let seen = 0; seen + PAGE <= count * DEPTH; seen += PAGE) {
      const { next_cursor } = await page(`limit=${PAGE}${query}${cursor && `&cursor=${cursor}`}`)
      if (next_cursor === null) throw new Error(`there are not ${count * DEPTH} tasks${query}`)
      cursor = next_cursor
    }
    return cursor
  }
  // From both ends and by their content, so that they are not neighbours.
  const pages = await Promise.all(
    ['sort=created_at', 'sort=-created_at', 'sort=updated_at&status=completed', 'sort=due'].map(
      (q) => page(`limit=100&${q}`),
    ),
  )
  const ids = [...new Set(pages.flatMap(({ items }) => items.map(({ id }) => id)))]
  return {
    ids,
    deep: await deepIn('', tasks),
    deepDue: await deepIn('&status=pending&sort=due', tasks * OPEN),
  }
}

/** The share of all tasks that is open, or a little less. */
const OPEN = 0.6
