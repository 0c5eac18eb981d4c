import { expect, test } from 'vitest'
import { workerBytes, workerStartup } from '../../scripts/worker-size.ts'

const KIB = 1024

test('the script of a Worker on D1 has at most 200 KiB, compressed', () => {
  expect(workerBytes().onD1).toBeLessThanOrEqual(200 * KIB)
})

// Cloudflare refuses what takes a second; every isolate that wakes up pays it.
test.skipIf(process.platform !== 'linux')('a Worker starts within 50 ms of CPU time', async () => {
  expect(await workerStartup()).toBeLessThanOrEqual(50)
})
