// What the processes of a service on several cores are made of; test/runtimes/workers.test.ts
// starts real ones.
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Broadcast, CountedPoints } from '../../../src/core/broadcast.ts'
import { noBroadcast } from '../../../src/core/broadcast.ts'
import { DomainError } from '../../../src/core/errors.ts'
import { Superseded } from '../../../src/db/migrate.ts'
import { openFile, openFileToRead } from '../../../src/db/open/file.ts'
import { isStorageFull, isSuperseded, isUniqueViolation } from '../../../src/db/portable.ts'
import { rawQuery, type Statement, write } from '../../../src/db/statement.ts'
import { createLimits } from '../../../src/http/limits.ts'
import { passLines } from '../../../src/runtimes/node/cluster/line-stream.ts'
import type { PrimaryMethods } from '../../../src/runtimes/node/cluster/protocol.ts'
import type { Methods } from '../../../src/runtimes/node/cluster/rpc.ts'
import { receiveBatches, sendBatches } from '../../../src/runtimes/node/cluster/write-forwarding.ts'
import { peers } from '../../support/peers.ts'
import { temporaryFolder } from '../../support/process.ts'
import { testClock } from '../../support/world.ts'

describe('calls', () => {
  test('what is asked in one turn goes as one message, and is answered in order', async () => {
    const { first, sent } = peers<{ double: (n: number) => Promise<number> }, Methods>(
      { double: async (n: number) => 2 * n },
      {},
    )
    expect(await Promise.all([1, 2, 3].map((n) => first.call('double', n)))).toEqual([2, 4, 6])
    expect(sent).toHaveLength(1)
  })

  test('both ends ask', async () => {
    const { first, worker } = peers<{ ping: () => string }, { pong: () => string }>(
      { ping: () => 'first' },
      { pong: () => 'worker' },
    )
    expect(await Promise.all([first.call('ping'), worker.call('pong')])).toEqual([
      'first',
      'worker',
    ])
  })

  test('an error keeps what it says, and what callers are told', async () => {
    const fail = (error: Error) => () => Promise.reject(error)
    const own = {
      unique: fail(
        new Error('insert', { cause: new Error('UNIQUE constraint failed: users.email') }),
      ),
      full: fail(Object.assign(new Error('disk full'), { code: 'SQLITE_FULL' })),
      fenced: fail(new DomainError('unavailable', 'handed over')),
      superseded: fail(new Superseded()),
    }
    const { first } = peers<typeof own, Methods>(own, {})
    const failure = (name: keyof typeof own) => first.call(name).catch((error: unknown) => error)
    expect(isUniqueViolation(await failure('unique'))).toBe(true)
    expect(isStorageFull(await failure('full'))).toBe(true)
    expect(isSuperseded(await failure('superseded'))).toBe(true)
    expect(await failure('fenced')).toEqual(new DomainError('unavailable', 'handed over'))
    expect(await failure('fenced')).toBeInstanceOf(DomainError)
  })

  test('whoever is gone answers nothing more', async () => {
    const { first } = peers<{ never: () => Promise<void> }, Methods>(
      { never: () => new Promise<void>(() => {}) },
      {},
    )
    const asked = first.call('never')
    first.end()
    await expect(asked).rejects.toThrow(/has ended/)
    await expect(first.call('never')).rejects.toThrow(/has ended/)
  })
})

describe('a database file that another process writes', () => {
  const open = async () => {
    const path = join(temporaryFolder(), 'x.db')
    const writer = openFile(path)
    await writer.migrate([
      { tag: '0', statements: ['create table notes (id integer primary key, text text unique)'] },
    ])
    const { first, sent } = peers<PrimaryMethods, Methods>({ atomic: receiveBatches(writer) }, {})
    const reader = openFileToRead(path, { atomic: sendBatches(first) })
    onTestFinished(async () => {
      await reader.close()
      await writer.close()
    })
    return { reader, sent }
  }
  const insert: Statement<{ text: string | null }> = {
    text: 'insert into notes (text) values (?)',
    bind: ({ text }) => [text],
  }
  const remove: Statement<{ text: string }> = {
    text: 'delete from notes where text = ?',
    bind: ({ text }) => [text],
  }
  const notes = rawQuery<{ text: string }>('select text from notes order by id', ['text'])

  test('who writes reads it, whatever the text', async () => {
    const { reader } = await open()
    const texts = ['', 'ä\t\n"', '\u{1f426}', '9007199254740993', null]
    for (const text of texts) {
      expect(await reader.atomic([write(insert, { text })])).toEqual([1])
      expect((await reader.all(notes)).at(-1)?.text).toBe(text)
    }
  })

  test('batches are all or nothing, and say what stood in their way', async () => {
    const { reader } = await open()
    const [a, b] = [write(insert, { text: 'a' }), write(insert, { text: 'b' })]
    const gone = write(remove, { text: 'nobody' })
    const outcomes = await Promise.all([
      reader.atomic([a]),
      reader.atomic([gone, b], { mustTouch: [0] }),
      reader.atomic([b, a]).catch((error: unknown) => isUniqueViolation(error)),
      reader.atomic([gone]),
    ])
    expect(outcomes).toEqual([[1], 'stale', true, [0]])
    expect(await reader.all(notes)).toEqual([{ text: 'a' }])
  })

  test('a text goes over once', async () => {
    const { reader, sent } = await open()
    for (const text of ['a', 'b', 'c']) await reader.atomic([write(insert, { text })])
    expect(sent.filter((message) => message.includes(insert.text))).toHaveLength(1)
    expect(await reader.all(notes)).toHaveLength(3)
  })

  test('a batch that cannot be sent takes no text with it', async () => {
    const { reader } = await open()
    const refusing: Statement<{ text: string }> = {
      text: 'delete from notes where id = ?',
      bind: () => {
        throw new Error('no value')
      },
    }
    await expect(
      reader.atomic([write(insert, { text: 'a' }), write(refusing, { text: 'b' })]),
    ).rejects.toThrow('no value')
    expect(await reader.atomic([write(insert, { text: 'c' })])).toEqual([1])
    expect(await reader.all(notes)).toEqual([{ text: 'c' }])
  })

  test('nothing else is written from there', async () => {
    const { reader } = await open()
    const sneaky = rawQuery("insert into notes (text) values ('x') returning text", ['text'])
    await expect(reader.all(sneaky)).rejects.toThrow(/readonly/)
    await expect(reader.migrate([])).rejects.toThrow(/only reads/)
  })
})

test('lines are passed on whole, wherever what arrives is cut', async () => {
  const lines = Array.from(
    { length: 300 },
    (_, i) => `{"line":${i},"text":"${'ä'.repeat((i * 37) % 200)}"}`,
  )
  const bytes = Buffer.from(`${lines.join('\n')}\nan end without one`)
  for (const size of [1, 7, 4096, bytes.length]) {
    const passed: Buffer[] = []
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    )
    const from = Readable.from(chunks, { objectMode: false })
    // What is passed on at once ends with a line, so that nothing of another process comes in
    // between.
    const torn: number[] = []
    from.on('data', () =>
      setImmediate(
        () => passed.length > 0 && passed.at(-1)?.at(-1) !== 10 && torn.push(passed.length),
      ),
    )
    passLines(from, (part) => passed.push(part))
    await new Promise((resolve) => from.on('end', () => setImmediate(resolve)))
    expect(torn).toEqual([])
    expect(String(Buffer.concat(passed))).toBe(`${String(bytes)}\n`)
  }
})

describe('the limit of a caller', () => {
  const clock = testClock()
  /** Limits of processes that tell each other. */
  const limitsOf = (processes: number, caller: number) => {
    const listeners: ((counted: CountedPoints) => void)[] = []
    const broadcast = (own: number): Broadcast => ({
      ...noBroadcast(),
      counted: {
        tell: async (news) => {
          for (const [i, listener] of listeners.entries()) if (i !== own) listener(news)
        },
        hear: (listener) => {
          listeners[own] = listener
        },
      },
    })
    const rates = { on: true, caller }
    return Array.from(
      { length: processes },
      (_, i) => createLimits(clock, rates, broadcast(i)).caller,
    )
  }
  const takenBy = (ask: (i: number) => void) => {
    for (let taken = 0; ; taken++) {
      try {
        ask(taken)
      } catch (refusal) {
        expect(refusal).toMatchObject({ code: 'rate_limited' })
        return taken
      }
    }
  }

  test.each([
    [2, 600, 12],
    [4, 600, 12],
    [2, 10, 1],
  ])(
    'by %i processes is %i, passed by less than %i for each further one',
    async (processes, limit, step) => {
      const limits = limitsOf(processes, limit)
      const taken = takenBy((i) => limits[i % processes]!.count('ada'))
      expect(taken).toBeGreaterThanOrEqual(limit)
      expect(taken).toBeLessThanOrEqual(limit + (processes - 1) * (step - 1))
      for (const caller of limits) caller.count('bob')
      clock.advance(61_000)
      for (const caller of limits) caller.count('ada')
    },
  )

  test('keeps no caller out for as long as the clock was ahead', async () => {
    const [limits] = limitsOf(1, 10)
    expect(takenBy(() => limits!.count('ada'))).toBe(10)
    clock.advance(-3_600_000)
    expect(takenBy(() => limits!.count('ada'))).toBe(10)
    clock.advance(3_600_000)
  })

  test('holds over time, however the windows of two processes lie', async () => {
    const [one, other] = limitsOf(2, 600)
    other!.count('ada') // too little to be told: its window begins first
    clock.advance(59_000)
    let taken = 0
    for (let minute = 0; minute < 10; minute++) {
      taken += takenBy(() => one!.count('ada'))
      clock.advance(1_500)
      taken += takenBy(() => other!.count('ada'))
      clock.advance(58_500)
    }
    expect(taken).toBeLessThanOrEqual(10 * (600 + 11))
  })

  test('used up at one process, another lets hardly anything through', async () => {
    const [one, other] = limitsOf(2, 600)
    expect(takenBy(() => one!.count('ada'))).toBe(600)
    expect(takenBy(() => other!.count('ada'))).toBeLessThan(12)
  })
})
