// A service that is killed while clients write and follow, and comes back from its last backup, which
// lacks some of what they have seen: every client is told to start over, and ends with what the lists
// say. ROUNDS says how often.
import { expect, test } from 'vitest'
import { pick, randomOf } from '../../bench/data/random.ts'
import { type Client, clientsOf } from '../support/client.ts'
import { startTaskport, temporaryFolder } from '../support/process.ts'
import { until } from '../support/size.ts'
import { type Copy, createCopy, listed } from '../support/sync/copy.ts'
import { createWriter } from '../support/sync/random-writes.ts'
import { roundsOf, seed } from './random.ts'

const ROUNDS = roundsOf(5)
const WRITERS = 3
const READERS = 6
/** Changes that no backup has to hold. */
const BEHIND = 20

const lastBackup = async (url: string): Promise<string | null> =>
  ((await (await fetch(`${url}/status`)).json()) as any).backup.last_at

const isQuiet = async (ann: Client): Promise<boolean> => {
  const { items } = (await ann.get('/api/v1/imports?limit=200')).body
  return items.every(({ status }: { status: string }) => !/receiving|reading|writing/.test(status))
}

test(`${ROUNDS} restores in the middle: every reader starts over and ends equal`, async () => {
  const random = randomOf(seed)
  const env = { BACKUP_URL: `file:${temporaryFolder()}`, RATE_LIMIT: 'off', LOG_LEVEL: 'error' }
  const start = () => startTaskport({ ...env, DATA_DIR: temporaryFolder() })
  let service = await start()
  const { register, anonymous, client } = clientsOf((path, init) => fetch(service.url + path, init))
  const { id, email, password } = await register('Ann')
  const enter = async () =>
    client((await anonymous.post('/api/v1/auth/login', { email, password })).body.access_token)
  const writers = Array.from({ length: WRITERS }, (_, i) => createWriter(randomOf(seed + i)))
  const copies: Copy[] = Array.from({ length: READERS }, () => createCopy())
  // Some never get to the end of what there is.
  const limitOf = (reader: number) => (reader < 2 ? 1 : pick(random, [1, 7, 50, 500]))
  let changes = 0
  for (let round = 1; round <= ROUNDS; round++) {
    const ann = await enter()
    let [made, killed] = [0, false]
    /** Goes on until the service is killed. */
    const untilKilled = async (act: () => Promise<unknown>): Promise<void> => {
      while (!killed)
        await act().catch((error: unknown) => {
          if (!killed && !(error instanceof TypeError)) throw error
        })
    }
    const writing = writers.map((writer) =>
      untilKilled(async () => {
        if ((await writer.write(ann, id)).answer.status < 300) made++
      }),
    )
    const reading = copies.map((copy, reader) => untilKilled(() => copy.page(ann, limitOf(reader))))
    const before = await lastBackup(service.url)
    await until(async () => (await lastBackup(service.url)) !== before && made > BEHIND)
    const kept = made
    await until(() => made >= kept + BEHIND && copies.every(({ token }) => token !== undefined))
    killed = true
    service.child.kill('SIGKILL')
    await Promise.all([service.exit, ...writing, ...reading])
    const seen = copies.map(({ token }) => token)

    service = await start()
    const again = await enter()
    for (const token of seen) {
      const { status, body } = await again.get(`/api/v1/changes?since=${token}`)
      expect([status, body.code], `SEED=${seed}`).toEqual([410, 'sync_token_expired'])
    }
    changes += made
    // What is written now takes the numbers of what is lost.
    for (let i = 0; i < BEHIND; i++) await writers[i % WRITERS]?.write(again, id)
    await until(() => isQuiet(again))
    const what = await listed(again)
    for (const copy of copies) {
      await copy.follow(again, () => pick(random, [3, 50, 500]))
      expect(copy.content(), `round ${round}, SEED=${seed}`).toEqual(what)
    }
  }
  console.log(`${ROUNDS} restores, ${changes} changes before them, SEED=${seed}`)
})
