import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Fate, startBackupWriter } from './writer-harness.ts'

const SECOND = 1_000
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 20 * SECOND }) },
  { weight: 1, arbitrary: fc.constantFrom<Fate>('hangs', 'fails') },
)
const step = fc.record({
  writes: fc.boolean(),
  pack: fate,
  upload: fate,
  ms: fc.integer({ min: 1, max: 90 * SECOND }),
})

test('whatever backups do, the bound that is shown is never less than what is unsaved', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      const { writer, fates, write, pass } = await startBackupWriter()
      await write()
      await pass(10 * SECOND) // before the first backup no bound is shown
      for (const { writes, pack, upload, ms } of steps) {
        Object.assign(fates, { pack, upload })
        if (writes) await write().catch(() => {})
        await pass(ms, () => {
          const { lossBound, unsavedFor } = writer.state()
          if (lossBound !== undefined) expect(lossBound).toBeGreaterThanOrEqual(unsavedFor ?? 0)
        })
      }
    }),
    { numRuns: 25 },
  )
})

test('while an upload hangs, the bound grows with it', async () => {
  const { writer, fates, write, pass } = await startBackupWriter()
  await write()
  await pass(10 * SECOND)
  expect(writer.state()).toMatchObject({ lossBound: 5 * SECOND, unsavedFor: undefined })
  fates.upload = 'hangs'
  await write()
  await pass(60 * SECOND)
  const { lossBound, unsavedFor } = writer.state()
  expect(unsavedFor).toBe(60 * SECOND)
  expect(lossBound).toBeGreaterThanOrEqual(60 * SECOND)
})
