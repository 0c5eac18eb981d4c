// What is asked, of the service and of the bare app alike.
import { emailOf, PASSWORD, send } from './data/http.ts'
import { RECURRING } from './data/task.ts'
import { DONE_EACH, type World } from './data/world.ts'
import { type Ask, HOLE } from './load/requests.ts'

export const scenarioNames = [
  'health',
  'one',
  'list',
  'filtered',
  'deep',
  'create',
  'keyed',
  'batch',
  'patch',
  'complete',
  'recurring',
  'next',
  'past',
  'changes',
  'login',
  'refresh',
  'mixed',
] as const
export type ScenarioName = (typeof scenarioNames)[number]

/** Requests that are sent round and round. */
export type Scenario = {
  readonly name: ScenarioName
  /** What it is called in a table. */
  readonly title: string
  /** Of the first of its requests. */
  readonly status: number
  readonly asks: readonly Ask[]
  readonly connections?: number
  readonly fill?: 'key' | 'token'
  /** How long it may be asked in a round. */
  readonly seconds?: number
}

/** The first answer of each, as the service gave it: what the bare app repeats. */
export type Answers = Record<ScenarioName, object>

const TASKS = '/api/v1/tasks'
/** Each person may use 10,000 keys a day. */
const KEYED_SECONDS = 1
const BATCHED = 500
/** Each makes so many tasks that the lists of the others would grow long. */
const BATCH_SECONDS = 1
/**
 * Tasks of each person that are changed: together more than there are connections, so that no two
 * change the same one at a time.
 */
const CHANGED = 64
/** Pages that a deep page lies behind. */
const DEPTH = 8
/** As many as a page of changes may have. */
const CHANGES = 500
/** Signing in takes tenths of a second, by intention. */
const FEW = 4
export const SESSIONS = 8

const newTask = {
  title: 'Sweep the chimney',
  description: 'Ask for the *certificate*.',
  priority: 'high',
  due: { date: '2030-12-01' },
  labels: ['home'],
}
const titles = ['Sweep the chimney, and the stove', 'Sweep the stove, and the chimney']

export const scenariosFor = async (world: World): Promise<Scenario[]> => {
  const tokens = await world.tokens()
  const people = await Promise.all(tokens.map((token) => lookAround(world.url, token)))
  const each = (make: (person: Person, by: number) => readonly Ask[]): Ask[] =>
    alternated(people.map(make))
  const get = (path: string, by: number): Ask => ({ method: 'GET', path, by })

  const one = each(({ ids }, by) => ids.map((id) => get(`${TASKS}/${id}`, by)))
  const list = each((_, by) => [get(TASKS, by)])
  const filtered = each((_, by) => [get(`${TASKS}?status=pending&sort=due`, by)])
  const deep = each(({ cursor }, by) => [get(`${TASKS}?cursor=${cursor}`, by)])
  const create = each((_, by) => [{ method: 'POST', path: TASKS, by, body: newTask }])
  const keyed = create.map((ask) => ({ ...ask, headers: { 'Idempotency-Key': HOLE } }))
  const creates = Array(BATCHED).fill({ operation: 'createTask', params: { body: newTask } })
  const batch = each((_, by) => [
    { method: 'POST', path: '/api/v1/batch', by, body: { operations: creates } },
  ])
  // Every one of these changes something, or nothing would be written.
  const patch = titles.flatMap((title) =>
    each(({ ids }, by) =>
      ids.map((id) => ({ method: 'PATCH', path: `${TASKS}/${id}`, by, body: { title } })),
    ),
  )
  const complete = ['complete', 'reopen'].flatMap((verb) =>
    each(({ openIds }, by) =>
      openIds.map((id) => ({ method: 'POST', path: `${TASKS}/${id}/${verb}`, by })),
    ),
  )
  const recurring = each(({ recurringIds }, by) =>
    recurringIds.map((id) => ({ method: 'POST', path: `${TASKS}/${id}/complete`, by })),
  )
  const occurrences = (which: 'next' | 'past') =>
    each(({ recurringIds }, by) =>
      recurringIds.map((id) => get(`${TASKS}/${id}/occurrences?${which}&limit=${DONE_EACH}`, by)),
    )
  const changes = each((_, by) => [get(`/api/v1/changes?limit=${CHANGES}`, by)])
  const login = world.people.map((name) => ({
    method: 'POST',
    path: '/api/v1/auth/login',
    body: { email: emailOf(name), password: PASSWORD },
  }))
  const refresh = [{ method: 'POST', path: '/api/v1/auth/refresh', body: { refresh_token: HOLE } }]
  return [
    { name: 'health', title: 'health', status: 200, asks: [{ method: 'GET', path: '/health' }] },
    { name: 'one', title: 'one task', status: 200, asks: one },
    { name: 'list', title: 'list of 50', status: 200, asks: list },
    { name: 'filtered', title: 'list, open ones by due', status: 200, asks: filtered },
    { name: 'deep', title: 'list, deep page', status: 200, asks: deep },
    { name: 'create', title: 'create', status: 201, asks: create },
    {
      name: 'keyed',
      title: 'create with a key',
      status: 201,
      asks: keyed,
      fill: 'key',
      seconds: KEYED_SECONDS,
    },
    {
      name: 'batch',
      title: 'batch of 500 creates',
      status: 200,
      asks: batch,
      connections: FEW,
      seconds: BATCH_SECONDS,
    },
    { name: 'patch', title: 'patch', status: 200, asks: patch },
    { name: 'complete', title: 'complete, reopen', status: 200, asks: complete },
    { name: 'recurring', title: 'complete, recurring', status: 200, asks: recurring },
    { name: 'next', title: 'occurrences, next 10', status: 200, asks: occurrences('next') },
    { name: 'past', title: 'occurrences, past 10', status: 200, asks: occurrences('past') },
    { name: 'changes', title: 'changes, 500 of them', status: 200, asks: changes },
    { name: 'login', title: 'login', status: 200, asks: login, connections: FEW },
    {
      name: 'refresh',
      title: 'refresh',
      status: 200,
      asks: refresh,
      connections: SESSIONS,
      fill: 'token',
    },
    {
      name: 'mixed',
      title: 'mixed, 80 % read',
      status: 200,
      asks: mixed({ reads: [one, list, one, filtered], writes: [patch, create, complete] }),
    },
  ]
}

type Person = {
  readonly ids: readonly string[]
  readonly openIds: readonly string[]
  readonly recurringIds: readonly string[]
  readonly cursor: string
}

/** The newest tasks are the ones that change: away from the first page, which stays as it is. */
const lookAround = async (url: string, token: string): Promise<Person> => {
  const page = async (query: string) =>
    JSON.parse(await send(url, { method: 'GET', path: `${TASKS}?${query}` }, token)) as {
      items: { id: string }[]
      next_cursor: string | null
    }
  const idsOf = async (query: string) =>
    (await page(`sort=-created_at&limit=${CHANGED}&${query}`)).items.map(({ id }) => id)
  let cursor = ''
  for (let depth = 0; depth < DEPTH; depth++) {
    const { next_cursor } = await page(cursor === '' ? '' : `cursor=${cursor}`)
    if (next_cursor === null) throw new Error(`there are not ${DEPTH} pages`)
    cursor = next_cursor
  }
  return {
    ids: await idsOf(''),
    openIds: await idsOf('status=pending'),
    recurringIds: await idsOf(`label=${RECURRING}`),
    cursor,
  }
}

/** One of each in turn. */
export const alternated = (lists: readonly (readonly Ask[])[]): Ask[] =>
  Array.from({ length: Math.max(...lists.map(({ length }) => length)) }, (_, i) =>
    lists.flatMap((list) => list[i] ?? []),
  ).flat()

/**
 * Four reads to one write, each kind as often as the others, until the longest kind of write was
 * had in full.
 */
const mixed = ({ reads, writes }: { reads: readonly Ask[][]; writes: readonly Ask[][] }): Ask[] => {
  const at = (list: readonly Ask[], i: number) => list[i % list.length] as Ask
  const rounds = writes.length * Math.max(...writes.map(({ length }) => length))
  return Array.from({ length: rounds }, (_, i) => {
    const write = writes[i % writes.length] as Ask[]
    return [...reads.map((read) => at(read, i)), at(write, Math.floor(i / writes.length))]
  }).flat()
}

/** Asks the first request of each scenario, and keeps the bytes. */
export const captureAnswers = async (
  world: World,
  scenarios: readonly Scenario[],
): Promise<Answers> => {
  const tokens = await world.tokens()
  const [refreshToken = ''] = await world.refreshTokens(1)
  const answers: Partial<Answers> = {}
  for (const { name, asks, status, fill } of scenarios) {
    const [ask] = asks as [Ask]
    const token = ask.by === undefined ? '' : (tokens[ask.by] as string)
    const text = await send(
      world.url,
      ask,
      token,
      status,
      fill === 'token' ? refreshToken : crypto.randomUUID(),
    )
    answers[name] = JSON.parse(text)
    if (JSON.stringify(answers[name]) !== text)
      throw new Error(`the bare app would not answer the bytes of ${name}`)
  }
  return answers as Answers
}
