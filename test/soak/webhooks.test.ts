// Processes are killed while they write and send: the endpoint has seen every event, under one id
// each, and the log of deliveries says so. KILLS and MUTATIONS say how many.
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { freshDatabases } from '../support/fresh.ts'
import { type Run, startTaskport, temporaryFolder } from '../support/process.ts'
import { startReceiver } from '../support/receiver.ts'
import { isSmall, sized, until } from '../support/size.ts'

const KILLS = sized('KILLS', { full: 20, small: 2 })
const MUTATIONS = sized('MUTATIONS', { full: 2_000, small: 100 })
const WRITERS = 8
/** Of so many requests one is answered 500. */
const FAILS = 40

type Process = Run & { readonly url: string }
type Delivery = { readonly event_id: string; readonly message_id: string; readonly status: string }

const makePostgres = freshDatabases().Postgres

const places: readonly [string, number, () => Promise<Record<string, string>>][] = [
  ['a file', 1, async () => ({ DATA_DIR: temporaryFolder() })],
  ...(makePostgres === undefined
    ? []
    : [
        [
          'Postgres, by two replicas',
          2,
          async () => ({ DATABASE_URL: (await makePostgres()).url }),
        ] as const,
      ]),
].map((place) => place as [string, number, () => Promise<Record<string, string>>])

// In a small run once: by the replicas, where there is a server for them.
test.each(isSmall ? places.slice(-1) : places)(
  `${MUTATIONS} mutations and ${KILLS} kills on %s`,
  async (name, replicas, place) => {
    const receiver = await startReceiver()
    receiver.answer((response) => {
      response.statusCode = receiver.received.length % FAILS === 0 ? 500 : 204
      response.end()
    })
    const env = {
      ...(await place()),
      RATE_LIMIT: 'off',
      LOG_LEVEL: 'warning',
      WEBHOOK_ALLOW_HOSTS: receiver.host,
    }
    const processes: Process[] = []
    for (let i = 0; i < replicas; i++) processes.push(await startTaskport(env))
    let asked = 0
    let token = ''
    const send = async (method: string, path: string, body?: object) => {
      const key = randomUUID()
      for (;;) {
        const { url } = processes[asked++ % processes.length] as Process
        const response = await fetch(`${url}/api/v1${path}`, {
          method,
          headers: {
            ...(token !== '' && { Authorization: `Bearer ${token}` }),
            ...(body && { 'Content-Type': 'application/json', 'Idempotency-Key': key }),
          },
          ...(body && { body: JSON.stringify(body) }),
        }).catch(() => undefined)
        const text = await response?.text().catch(() => undefined)
        if (response?.ok && text !== undefined) return JSON.parse(text)
        if (response && response.status !== 503 && text !== undefined)
          throw new Error(`${path}: ${response.status} ${text}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    const account = { email: 'ann@example.org', password: 'ann likes long walks' }
    token = (await send('POST', '/auth/register', account)).access_token
    const webhook = await send('POST', '/webhooks', { url: receiver.url })

    const made: string[] = []
    let begun = 0
    const write = async () => {
      while (begun++ < MUTATIONS) made.push((await send('POST', '/tasks', { title: 'Sweep' })).id)
    }
    const writing = Promise.all(Array.from({ length: WRITERS }, write))
    for (let kill = 1; kill <= KILLS; kill++) {
      await until(() => made.length >= (kill * MUTATIONS) / (KILLS + 1))
      const nth = kill % processes.length
      const { child, exit } = processes[nth] as Process
      child.kill('SIGKILL')
      await exit
      processes[nth] = await startTaskport(env)
    }
    await writing

    const told = new Set<string>()
    let looked = 0
    await until(() => {
      for (const { text } of receiver.received.slice(looked))
        told.add(JSON.parse(text).data.event.entity_id)
      looked = receiver.received.length
      return made.every((id) => told.has(id))
    })
    const deliveries = async (): Promise<Delivery[]> => {
      const all: Delivery[] = []
      for (let cursor: string | null = ''; cursor !== null; ) {
        const query: string = cursor === '' ? '' : `&cursor=${cursor}`
        const path = `/webhooks/${webhook.id}/deliveries?limit=200${query}`
        const page = await send('GET', path)
        all.push(...page.items)
        cursor = page.next_cursor
      }
      return all
    }
    await until(async () => (await deliveries()).every(({ status }) => status === 'delivered'))

    const idsOf = new Map<string, Set<string>>()
    for (const { headers, text } of receiver.received) {
      const { id } = JSON.parse(text).data.event
      idsOf.set(id, (idsOf.get(id) ?? new Set()).add(String(headers['webhook-id'])))
    }
    const log = new Map((await deliveries()).map((one) => [one.event_id, one.message_id]))
    expect(log.size).toBe((await deliveries()).length)
    expect(new Map([...idsOf].map(([id, ids]) => [id, [...ids]]))).toEqual(
      new Map([...log].map(([id, messageId]) => [id, [messageId]])),
    )
    const repeated = receiver.received.length - idsOf.size
    console.log(
      `webhooks on ${name}: ${made.length} tasks, ${KILLS} kills, ${log.size} events, each delivered; ${repeated} requests were repetitions`,
    )
    for (const { child } of processes) child.kill('SIGTERM')
    for (const { exit } of processes) expect(await exit).toBe(0)
    await receiver.close()
  },
)
