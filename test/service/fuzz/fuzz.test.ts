// Whatever is sent, the answer is one that the document names, and never a 5xx. Made from the
// OpenAPI document: each request is a valid one, of the document's examples and things that exist,
// with one hostile change. FUZZ_SEED=n repeats the run of that seed; FUZZ_SHARE=n sends only every
// nth of the requests, beginning where the seed says.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Operation } from '../../support/document.ts'
import { seedFrom } from '../../support/size.ts'
import { changesOf, randomChange } from './changes.ts'
import { tooLarge } from './hostile-requests.ts'
import { fuzzer, operations, type Sent, sentAsIs, valid, world } from './valid-requests.ts'

const SEED = seedFrom('FUZZ_SEED')
const SHARE = Number(process.env['FUZZ_SHARE'] ?? 1)
const AT_LEAST = Math.floor(5_000 / SHARE)
/** Random requests per operation, besides those that are sent in every run. */
const RANDOM_RUNS = Math.ceil(12 / SHARE)

// How it is sent, and what was answered.

const answered = new Map<string, Map<number, number>>()
const note = ({ operationId }: Operation, status: number) => {
  const statuses = answered.get(operationId) ?? new Map<number, number>()
  answered.set(operationId, statuses.set(status, (statuses.get(status) ?? 0) + 1))
}

/** Words that stand in our own code's errors, and in no answer. */
const INSIDES = /SQLITE|drizzle|node_modules|node:internal|\.ts:\d+|RangeError|TypeError/

const send = async (operation: Operation, { target, headers, body }: Sent): Promise<number> => {
  const { method } = operation
  // The world holds each answer against the document: its status, type and schema.
  const response = await world.fetch(target, {
    method,
    headers,
    ...(body !== undefined && { body }),
  })
  note(operation, response.status)
  expect(response.status, await response.clone().text()).toBeLessThan(500)
  if (response.status >= 400) expect(await response.text()).not.toMatch(INSIDES)
  return response.status
}

const again = ({ operationId }: Operation) =>
  `to repeat: FUZZ_SEED=${SEED} vitest run test/service/fuzz -t '${operationId} '`

describe(`with FUZZ_SEED=${SEED}`, () => {
  test.each(operations.map((operation) => [operation.operationId, operation] as const))(
    '%s answers whatever it is sent',
    async (_id, operation) => {
      const asIs = await send(operation, sentAsIs(await valid(operation)))
      const successes = Object.keys(operation.responses).filter((status) => status.startsWith('2'))
      expect(successes, 'the valid request succeeds').toContain(String(asIs))
      // A repetition of a request that names the id of what it makes.
      if (successes.includes('200') && successes.includes('201')) {
        const { headers, ...sent } = sentAsIs(await valid(operation))
        // With a key the first answer would be repeated.
        const { 'Idempotency-Key': _, ...withoutKey } = headers
        const named = { ...JSON.parse(String(sent.body)), id: world.deps.ids.next() }
        for (const status of [201, 200])
          expect(
            await send(operation, { ...sent, headers: withoutKey, body: JSON.stringify(named) }),
          ).toBe(status)
      }
      const changes = changesOf(operation).filter((_, i) => (i + SEED) % SHARE === 0)
      const property = fc.asyncProperty(randomChange(operation), async ({ to, says, apply }) => {
        try {
          const status = await send(operation, apply(await valid(operation)))
          // A file may be larger than any other body.
          if (to === tooLarge && operation.operationId !== 'beginImport') expect(status).toBe(413)
        } catch (error) {
          throw new Error(
            `${operation.operationId} with ${says}: ${(error as Error).message}\n${again(operation)}`,
            { cause: error },
          )
        }
      })
      await fc.assert(property, {
        seed: SEED,
        examples: changes.map((change) => [change]),
        numRuns: changes.length + RANDOM_RUNS,
      })
    },
  )

  test(`all of that were at least ${AT_LEAST} requests, which got each documented 2xx`, async () => {
    const documented = operations.flatMap(({ operationId, responses }) =>
      Object.keys(responses).flatMap((status) =>
        status.startsWith('2') ? [`${operationId} ${status}`] : [],
      ),
    )
    const reached = [...answered].flatMap(([operationId, statuses]) =>
      [...statuses.keys()].map((status) => `${operationId} ${status}`),
    )
    const total = [...answered.values()]
      .flatMap((statuses) => [...statuses.values()])
      .reduce((sum, n) => sum + n, 0)
    const rows = [...answered].map(
      ([id, statuses]) =>
        `${id.padEnd(16)} ${[...statuses]
          .sort()
          .map(([status, n]) => `${status}: ${n}`)
          .join('  ')}`,
    )
    console.log(`FUZZ_SEED=${SEED}: ${total} requests\n${rows.join('\n')}`)
    expect(documented.filter((one) => !reached.includes(one))).toEqual([])
    expect(total).toBeGreaterThanOrEqual(AT_LEAST)
    expect(
      (await fuzzer.get('/api/v1/me')).status,
      'the user whom all this was sent for is still signed in',
    ).toBe(200)
  })
})
