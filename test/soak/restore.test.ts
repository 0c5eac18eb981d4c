// Restores through a network that ends connections: each succeeds, or fails with a sentence.
// SERVERS says on which stores.
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { randomOf } from '../../bench/data/random.ts'
import { addBallast, ballastOf } from '../support/ballast.ts'
import { runTaskport, startTaskport, temporaryFolder } from '../support/process.ts'
import { type Fate, startProxy } from '../support/proxy.ts'
import { startS3 } from '../support/servers/s3.ts'
import { otherS3, startOtherS3 } from '../support/servers/s3-others.ts'
import { isSmall, until } from '../support/size.ts'
import { faultsOf } from './file.ts'
import { enter } from './person.ts'
import { roundsOf, seed } from './random.ts'

const ROUNDS = roundsOf(20)
const MIB = isSmall ? 2 : 64
/** Of connections, so many come through whole. */
const WHOLE = 0.3

type Store = {
  readonly url: string
  env(url: string): Record<string, string>
  stop(): Promise<void>
}
const ours = async (): Promise<Store> => {
  const s3 = await startS3()
  return {
    url: s3.url,
    env: (url) => ({ ...s3.env(), BACKUP_ENDPOINT: url.replace(/\/$/, '') }),
    stop: s3.close,
  }
}

test.for(['the store of the tests', ...(isSmall ? [] : otherS3)])(
  `${ROUNDS} restores of ${MIB} MiB from %s, while connections end, are reset and stall`,
  async (name, { skip }) => {
    const random = randomOf(seed)
    const store = name === 'the store of the tests' ? await ours() : await startOtherS3(name)
    if ('absent' in store) return skip() // which is said at the end of the run
    onTestFinished(() => store.stop())
    const folder = temporaryFolder()
    const first = await startTaskport({ DATA_DIR: folder, LOG_LEVEL: 'warning' })
    await (await enter(first.url, 'ada', 'register')).post('one')
    first.child.kill('SIGTERM')
    await first.exit
    await addBallast(join(folder, 'taskport.db'), MIB)
    const writer = await startTaskport({
      ...store.env(store.url),
      DATA_DIR: folder,
      LOG_LEVEL: 'warning',
      SHUTDOWN_SECONDS: '120',
    })
    await until(
      async () =>
        ((await (await fetch(`${writer.url}/status`)).json()) as any).backup.last_at !== null,
    )
    writer.child.kill('SIGTERM')
    expect(await writer.exit).toBe(0)

    const kinds = ['end', 'reset', ...(isSmall ? [] : ['stall'])] as Fate['then'][]
    const ways = new Map<string, number>()
    const fate = (): Fate | undefined => {
      if (random() < WHOLE) return undefined
      const then = kinds[Math.floor(random() * kinds.length)] as Fate['then']
      // Stalls are waited for, so there are few.
      if (then === 'stall' && random() < 0.7) return undefined
      ways.set(then, (ways.get(then) ?? 0) + 1)
      return { after: Math.floor(random() ** 2 * MIB * 2 ** 20), then }
    }
    const proxy = await startProxy(store.url, fate)
    onTestFinished(() => proxy.close())
    const faults: unknown[] = []
    const refusals: string[] = []
    let restored = 0
    for (let round = 1; round <= ROUNDS; round++) {
      const target = temporaryFolder()
      const env = {
        ...store.env(proxy.through(store.url)),
        DATA_DIR: target,
        PORT: '0',
        HOST: '127.0.0.1',
        LOG_LEVEL: 'warning',
      }
      const service = runTaskport({ ...env, SHUTDOWN_SECONDS: '60' })
      const isThere = () => / is at http/.test(service.err())
      let over = false
      void service.exit.then(() => {
        over = true
      })
      await until(() => over || isThere())
      if (isThere()) {
        service.child.kill('SIGTERM')
        if ((await service.exit) !== 0)
          faults.push(`round ${round}: SIGTERM ended with another code than 0: ${service.err()}`)
        faults.push(...(await faultsOf(join(target, 'taskport.db'))))
        if ((await ballastOf(join(target, 'taskport.db'))) !== MIB)
          faults.push(`round ${round}: bytes are missing`)
        restored++
      } else if (/^taskport: [^\n]+\n$/.test(service.err())) refusals.push(service.err())
      else faults.push(`round ${round}: ${service.err()}`)
    }
    console.log(
      `${name}: ${restored} of ${ROUNDS} restored, ${refusals.length} refused with a sentence, ${faults.length} faults; ` +
        `connections ended ${JSON.stringify(Object.fromEntries(ways))} (SEED=${seed})`,
    )
    expect(faults, `SEED=${seed}`).toEqual([])
    expect(restored).toBeGreaterThan(0)
  },
)
