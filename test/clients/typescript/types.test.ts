// The types of the client are those that the document makes.
import { readFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { clientTypesOf, TYPES_FILE } from '../../../scripts/client-types.ts'
import { createWorld } from '../../support/world.ts'

const world = await createWorld()
afterAll(() => world.close())

test('what is committed is current: npm run client:types writes it', async () => {
  const current = readFileSync(TYPES_FILE, 'utf8')
  // Not as texts, of which a failure would print half a megabyte.
  const [committed, made] = [current, await clientTypesOf(world.document)].map((text) =>
    text.split('\n'),
  ) as [string[], string[]]
  const at = made.findIndex((line, i) => line !== committed[i])
  expect({ line: at + 1, made: made[at], committed: committed[at] }).toEqual({ line: 0 })
  expect(committed.length).toBe(made.length)
}, 60_000)
