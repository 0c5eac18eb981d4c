// What is asked, of the service and of the bare app alike.
import { emailOf, LABELS, PASSWORD } from './seed.ts'

export type Ask = { readonly method: string; readonly path: string; readonly body?: object }
export const scenarioNames = ['health', 'one', 'list', 'create', 'patch'] as const
export type ScenarioName = (typeof scenarioNames)[number]

/** Requests that are sent round and round; what they answer; what it is called in a table. */
export type Scenario = { readonly name: ScenarioName; readonly title: string; readonly status: number; readonly asks: readonly Ask[] }
/** The first answer of each, as the service gave it: what the bare app repeats. */
export type Answers = Record<ScenarioName, object>

const TASKS = '/api/v1/tasks'
/** A multiple of the connections: with autocannon, each of them then has tasks of its own. */
const PATCHED = 256

/** Signs in; answers the access token. */
export const signIn = async (url: string, name: string): Promise<string> => {
  const body = JSON.stringify({ email: emailOf(name), password: PASSWORD })
  const response = await fetch(`${url}/api/v1/auth/login`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
  if (response.status !== 200) throw new Error(`sign-in: ${response.status} ${await response.text()}`)
  return ((await response.json()) as { access_token: string }).access_token
}

/** Sends one request; throws on any other status than `status`. Answers the body as text. */
const send = async (url: string, token: string, { method, path, body }: Ask, status = 200): Promise<string> => {
  const headers = { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) }
  const response = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  const text = await response.text()
  if (response.status !== status) throw new Error(`${method} ${path}: ${response.status} instead of ${status}: ${text}`)
  return text
}

/** The scenarios for a user who has at least `PATCHED` tasks more than a page. */
export const scenariosFor = async (url: string, token: string): Promise<Scenario[]> => {
  const ids = await newestIds(url, token)
  const changes = ['Sweep the chimney, and the stove', 'Sweep the stove, and the chimney']
  return [
    { name: 'health', title: 'health', status: 200, asks: [{ method: 'GET', path: '/health' }] },
    { name: 'one', title: 'one task', status: 200, asks: [{ method: 'GET', path: `${TASKS}/${ids.at(-1)}` }] },
    { name: 'list', title: 'list of 50', status: 200, asks: [{ method: 'GET', path: TASKS }] },
    { name: 'create', title: 'create', status: 201, asks: [{ method: 'POST', path: TASKS, body: newTask }] },
    {
      name: 'patch',
      title: 'patch',
      status: 200,
      // Every patch changes something, or nothing would be written.
      asks: changes.flatMap((title) => ids.slice(0, PATCHED).map((id) => ({ method: 'PATCH', path: `${TASKS}/${id}`, body: { title } }))),
    },
  ]
}

const newTask = {
  title: 'Sweep the chimney',
  description: 'Ask for the *certificate*.',
  priority: 'high',
  due: { date: '2030-12-01' },
  labels: [LABELS[0]],
}

/** Away from the first page, which is to stay as it is while tasks change. */
const newestIds = async (url: string, token: string): Promise<string[]> => {
  const ids: string[] = []
  for (let cursor = ''; ids.length <= PATCHED; ) {
    const page = JSON.parse(await send(url, token, { method: 'GET', path: `${TASKS}?sort=-created_at&limit=200${cursor}` }))
    ids.push(...page.items.map(({ id }: { id: string }) => id))
    cursor = `&cursor=${page.next_cursor}`
  }
  return ids
}

/** Asks the first request of each scenario, and keeps the bytes. */
export const captureAnswers = async (url: string, token: string, scenarios: readonly Scenario[]): Promise<Answers> => {
  const answers: Partial<Answers> = {}
  for (const { name, asks, status } of scenarios) {
    const text = await send(url, token, asks[0] as Ask, status)
    answers[name] = JSON.parse(text)
    if (JSON.stringify(answers[name]) !== text) throw new Error(`the bare app would not answer the bytes of ${name}`)
  }
  return answers as Answers
}
