// Password hashes that the test holds and lets go: who waits for whom is counted, nothing is timed.
import { expect, onTestFinished, test } from 'vitest'
import {
  createPasswords,
  type Passwords,
} from '../../../src/features/account/passwords/passwords.ts'
import type { Answer } from '../../support/client.ts'
import { createSignIns, from } from '../../support/sign-ins.ts'

/**
 * A hasher that does its work when it is told to; `asked` are the passwords that wait for it or
 * did, `begun` those that it was given.
 */
const heldHasher = () => {
  const asked: string[] = []
  const begun: string[] = []
  const held: (() => void)[] = []
  let free = true
  const hasher = createPasswords({
    derive: async (password) => {
      if (!free) {
        begun.push(password)
        await new Promise<void>((resolve) => held.push(resolve))
      }
      return new Uint8Array(32).fill(password.length)
    },
  })
  const passwords: Passwords = {
    ...hasher,
    verify: (password, stored, turn) => {
      asked.push(password)
      return hasher.verify(password, stored, turn)
    },
  }
  const release = () => {
    free = true
    for (const resolve of held.splice(0)) resolve()
  }
  return {
    passwords,
    asked,
    begun,
    /** From now on; what was asked before is forgotten. */
    hold: () => {
      free = false
      asked.length = 0
    },
    finishOne: () => held.shift()?.(),
    release,
  }
}

/** Lets everything happen that waits for nothing but the event loop and the database. */
const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await new Promise<void>((resolve) => setImmediate(resolve))
}

const open = async () => {
  const hasher = heldHasher()
  const signIns = await createSignIns({ passwords: hasher.passwords, env: { RATE_LIMIT: 'off' } })
  onTestFinished(() => signIns.close())
  hasher.hold()
  const answers: Answer[] = []
  const keep = async (answer: Promise<Answer>) => {
    const given = await answer
    answers.push(given)
    return given
  }
  /** So many sign-ins, each from an address of its own. */
  const flood = (count: number, addressOf: (i: number) => string) =>
    Array.from({ length: count }, (_, i) =>
      keep(signIns.guess({ password: `flood ${i}`, headers: from(addressOf(i)) })),
    )
  return { ...hasher, ...signIns, flood, answers }
}

test('110 sign-ins from one /56 do not keep anyone else out', async () => {
  const { ada, signIn, flood, asked, begun, finishOne, answers, release } = await open()
  const flooding = flood(110, (i) => `2001:db8:1:a1${(i + 16).toString(16)}::1`)
  await until(() => answers.length === 88)
  expect(answers.map(({ status, headers }) => [status, headers.get('Retry-After')])).toEqual(
    Array(88).fill([503, '2']),
  )
  expect(begun).toHaveLength(2)

  const owner = signIn({ headers: from('203.0.113.1') })
  const neighbour = signIn({ password: 'another wrong one', headers: from('2001:db8:2::1') })
  await until(() => asked.includes(ada.password) && asked.includes('another wrong one'))
  // They wait for what has begun and take turns with the flood; its twenty others do not come
  // first.
  for (let finished = 1; finished <= 4; finished++) {
    finishOne()
    await until(() => begun.length === 2 + finished)
  }
  expect(begun).toContain(ada.password)
  expect(begun).toContain('another wrong one')
  release()
  expect([(await owner).status, (await neighbour).status]).toEqual([200, 401])
  expect((await Promise.all(flooding)).filter(({ status }) => status === 401)).toHaveLength(22)
})

test('a flood from three hundred networks keeps out neither known devices nor signed-in users', async () => {
  const { ada, signIn, guess, flood, asked, begun, finishOne, answers, release } = await open()
  const flooding = flood(310, (i) => `198.51.${i >> 8}.${i & 255}`)
  await until(() => answers.length === 8)
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(503))
  expect((await guess({ headers: from('203.0.113.1') })).status, 'unknown').toBe(503)
  const owner = signIn({ headers: from('203.0.113.1'), device_token: ada.deviceToken })
  const change = ada.put('/api/v1/me/password', {
    current_password: 'not the present one',
    new_password: 'two herons on the pier',
  })
  await until(() => asked.includes(ada.password) && asked.includes('not the present one'))
  for (let finished = 1; finished <= 4; finished++) {
    finishOne()
    await until(() => begun.length === 2 + finished)
  }
  expect(begun).toContain(ada.password)
  expect(begun).toContain('not the present one')
  release()
  expect([(await owner).status, (await change).status]).toEqual([200, 422])
  await Promise.all(flooding)
})
