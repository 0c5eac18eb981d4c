// Who is sent to, where more is due than may be sent at a time.
import { expect, test } from 'vitest'
import { shares } from '../../../src/features/webhooks/shares.ts'

const most = { all: 8, user: 4, endpoint: 2, failing: 3 }
const endpoint = (userId: string, name: string, isFailing = false) => ({
  id: `${userId}'s ${name}`,
  userId,
  isFailing,
})
const sum = (all: readonly { readonly count: number }[]) =>
  all.reduce((total, { count }) => total + count, 0)
const ofUser = (
  all: readonly { readonly userId: string; readonly count: number }[],
  name: string,
) => sum(all.filter(({ userId }) => userId === name))

test('each user gets one, before one gets another', () => {
  const users = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
  const many = [...users, 'a', 'a', 'a'].map((user, i) => endpoint(user, `${i}`))
  const given = shares(many, [], most)
  for (const user of users) expect(ofUser(given, user), user).toBe(1)
})

test('none gets more than it may, together with what runs', () => {
  const [one, two, three] = ['x', 'y', 'z'].map((name) => endpoint('a', name))
  if (!one || !two || !three) throw new Error('they are there')
  expect(sum(shares([one], [], most))).toBe(2)
  expect(sum(shares([one, two, three], [], most))).toBe(4)
  expect(sum(shares([one, two, three], [one, one, two], most))).toBe(1)
  const others = Array.from({ length: 7 }, (_, i) => endpoint(`other ${i}`, 'w'))
  expect(sum(shares([one, two], others, most))).toBe(1)
})

test('those that fail leave room for those that work', () => {
  const failing = Array.from({ length: 9 }, (_, i) => endpoint(`bad ${i}`, 'w', true))
  const given = shares([...failing, endpoint('good', 'w')], [], most)
  expect(ofUser(given, 'good')).toBe(2)
  expect(sum(given) - ofUser(given, 'good')).toBe(3)
})

test('of one user, too', () => {
  const [x, y, z] = ['x', 'y', 'z'].map((name) => endpoint('a', name, true))
  const good = endpoint('a', 'good')
  if (!x || !y || !z) throw new Error('they are there')
  const given = shares([x, y, z, good], [], most)
  expect(sum(given.filter(({ isFailing }) => isFailing))).toBe(2)
  expect(sum(given.filter(({ isFailing }) => !isFailing))).toBe(2)
  expect(sum(shares([x, y, z], [x], most))).toBe(1)
})
