// Clients that write while versions change, and keep book of what they were answered. SECONDS says
// for how long; a small run takes a number of steps instead.
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openFile } from '../../src/db/open/file.ts'
import { openServer } from '../../src/runtimes/node/database-server.ts'
import { findDatabaseTarget } from '../../src/runtimes/node/database-target.ts'
import { type Answer, type Client, clientsOf, type User } from '../support/client.ts'
import { freshDatabases } from '../support/fresh.ts'
import { type Run, temporaryFolder } from '../support/process.ts'
import { isSmall } from '../support/size.ts'

const SECONDS = Number(process.env['SECONDS'] ?? 30)
export const CLIENTS = isSmall ? 4 : 20
/** Of a client, in each of the three phases of a small run. */
const STEPS = 12
/** Milliseconds from step to step of a client: all of them together make 200 a second. */
const PACE_MS = 100
export const PRESENT = 'dist/server.js'

export type Task = {
  readonly id: string
  readonly rev: string
  readonly title: string
  readonly labels: readonly string[]
}
export type Service = Run & { readonly url: string }

/** Where requests go at the moment, by chance. */
export type Balancer = { services: readonly Service[]; readonly random: () => number }
const pick = <T>(list: readonly T[], random: () => number): T =>
  list[Math.floor(random() * list.length)] as T
export const at = ({ url }: Service, token: string): Client =>
  clientsOf((path, init) => fetch(url + path, init)).client(token)

export const tally = { acknowledged: 0, unanswered: 0, superseded: 0 }

/**
 * Sends until it is acknowledged, to one process after the other; what was not answered is sent
 * again with the same key.
 */
export const insist = async (
  balancer: Balancer,
  token: string,
  send: (client: Client) => Promise<Answer>,
): Promise<Answer> => {
  for (;;) {
    const answer = await send(at(pick(balancer.services, balancer.random), token)).catch(
      () => undefined,
    )
    if (answer && answer.status < 300) {
      tally.acknowledged++
      return answer
    }
    if (answer && answer.status !== 503) throw new Error(`${answer.status} ${answer.text}`)
    if (answer?.body.code === 'superseded') tally.superseded++
    else tally.unanswered++
    await sleep(20) // until the next process answers
  }
}

/** A client keeps book of what it was answered last about each of its tasks. */
export const createBook = (name: string, { id, token }: User, balancer: Balancer) => {
  const { random } = balancer
  const tasks = new Map<string, Task>()
  let made = 0
  const labels = () => ['home', 'work', name].filter(() => random() < 0.5)
  const keep = ({ body }: Answer) => void tasks.set(body.id, body)
  const create = async () => {
    const [title, own] = [`${name} ${made++}`, labels()]
    const headers = { 'Idempotency-Key': title }
    keep(
      await insist(balancer, token, (client) =>
        client.post('/api/v1/tasks', { title, labels: own }, headers),
      ),
    )
  }
  const change = async () => {
    const task = pick([...tasks.values()], random)
    const patch =
      random() < 0.5 ? { title: `${task.title} x`, labels: labels() } : { labels: labels() }
    keep(await insist(balancer, token, (client) => client.patch(`/api/v1/tasks/${task.id}`, patch)))
  }
  return {
    user: id,
    token,
    tasks,
    step: () => (tasks.size === 0 || random() < 0.5 ? create() : change()),
  }
}
type Book = ReturnType<typeof createBook>

/** All clients write, until `over` holds, or in a small run so many steps each at least. */
export const write = async (books: readonly Book[], over: () => boolean): Promise<void> => {
  await Promise.all(
    books.map(async ({ step }) => {
      for (let done = 0; !over() || (isSmall && done < STEPS); done++) {
        const began = performance.now()
        await step()
        if (!isSmall) await sleep(Math.max(0, PACE_MS - (performance.now() - began)))
      }
    }),
  )
}
/** The same while something else is done, and in a full run for so many seconds at least. */
export const writeDuring = async <T>(books: readonly Book[], act: () => Promise<T>): Promise<T> => {
  const until = performance.now() + (isSmall ? 0 : (SECONDS * 1000) / 3)
  let done = false
  const acting = act().finally(() => {
    done = true
  })
  const [result] = await Promise.all([
    acting,
    write(books, () => done && performance.now() >= until),
  ])
  return result
}

export const list = async (client: Client, query = ''): Promise<Task[]> => {
  const all: Task[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const answer: Answer = await client.get(
      `/api/v1/tasks?limit=200${query}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    expect(answer.status).toBe(200)
    all.push(...answer.body.items)
    cursor = answer.body.next_cursor
  }
  return all
}
export const byId = (tasks: Iterable<Task>) => [...tasks].sort((a, b) => (a.id < b.id ? -1 : 1))

export const openBeside = async (url: string): Promise<Database> => {
  const place = findDatabaseTarget({ databaseUrl: url, dataDir: undefined, spaceId: undefined })
  const db = place.kind === 'file' ? openFile(place.path) : await openServer(place, { poolSize: 1 })
  onTestFinished(() => db.close())
  return db
}

const { Postgres, MariaDB } = freshDatabases()
const onFile = async () => ({
  url: `file:${join(temporaryFolder(), 'taskport.db')}`,
  drop: async () => {},
})
export const databases = Object.entries({ 'libSQL file': onFile, Postgres, MariaDB })

export const env = (DATABASE_URL: string) => ({
  DATABASE_URL,
  RATE_LIMIT: 'off',
  QUOTA_TASKS: '100000',
  LOG_LEVEL: 'info',
})
export const end = async ({ child, exit }: Service) => {
  child.kill('SIGTERM')
  expect(await exit).toBe(0)
}
export const sum = (name: string) =>
  console.log(
    `upgrade from ${name}: ${tally.acknowledged} acknowledged, ${tally.superseded} refused as superseded, ${tally.unanswered} sent again`,
  )
