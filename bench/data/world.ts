// People and their tasks, made over HTTP as people make them: on every runtime and database alike.
import { login, register, type SignedIn, send } from './http.ts'
import { randomOf } from './random.ts'
import { randomTask, recurringTask } from './task.ts'

export type World = {
  readonly url: string
  readonly people: readonly string[]
  /** Access tokens of the people, by their numbers; renewed before they expire. */
  tokens(): Promise<readonly string[]>
  /** Refresh tokens, each of a session of its own. */
  refreshTokens(count: number): Promise<string[]>
}

/** As many as it takes for a limit of a million requests a minute each not to be in the way. */
export const PEOPLE = ['ada', 'grace', 'edsger', 'barbara'] as const
const TASKS_EACH = 500
/** Together more than there are connections. */
const RECURRING_EACH = 16
/** Of each of these tasks; as many as a page of them shows. */
export const DONE_EACH = 10
const AT_ONCE = 8
/** An access token lasts 15 minutes. */
const FRESH_MS = 8 * 60_000

/** The world of people who are there already. */
export const worldAt = (url: string, people: readonly string[]): World => {
  let kept: readonly string[] = []
  let since = Number.NEGATIVE_INFINITY
  return {
    url,
    people,
    tokens: async () => {
      if (performance.now() - since > FRESH_MS) {
        const signedIn: SignedIn[] = []
        for (const name of people) signedIn.push(await login(url, name))
        kept = signedIn.map(({ access_token }) => access_token)
        since = performance.now()
      }
      return kept
    },
    refreshTokens: async (count) => {
      const made: string[] = []
      // One after the other: a service checks few passwords at a time.
      while (made.length < count)
        made.push((await login(url, people[made.length % people.length] as string)).refresh_token)
      return made
    },
  }
}

/** What every version takes: earlier ones know no `kind` of a due, and it may be left out. */
const asked = ({ due, ...content }: ReturnType<typeof randomTask>): object => {
  if (due === null) return { ...content, due }
  const { kind: _, ...rest } = due
  return { ...content, due: rest }
}

/** `recurs`: with recurring tasks, which earlier versions do not know. */
export const furnish = async (url: string, { recurs = true } = {}): Promise<World> => {
  for (const name of PEOPLE) await register(url, name)
  const world = worldAt(url, PEOPLE)
  const random = randomOf(7)
  const some = (count: number) =>
    Array.from({ length: count }, () => asked(randomTask(random, Date.now())))
  const ask = (token: string, path: string, status: number, body?: object) =>
    send(
      url,
      { method: 'POST', path: `/api/v1/tasks${path}`, ...(body && { body }) },
      token,
      status,
    )
  for (const token of await world.tokens()) {
    // In the middle: the oldest tasks are the first page, the newest are changed.
    const first = some(Math.floor(TASKS_EACH / 2))
    const recurring = Array<object>(recurs ? RECURRING_EACH : 0).fill(recurringTask(Date.now()))
    const left = [...first, ...recurring, ...some(TASKS_EACH - first.length)]
    const worker = async () => {
      for (let body = left.shift(); body; body = left.shift()) {
        const made = await ask(token, '', 201, body)
        if (!recurring.includes(body)) continue
        const { id } = JSON.parse(made) as { id: string }
        for (let i = 0; i < DONE_EACH; i++) await ask(token, `/${id}/complete`, 200)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }
  return world
}
