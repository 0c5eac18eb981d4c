// When a copy looks for changes: at each poke, and from time to time where there are no streams. The
// service is a few answers here, and time passes when the test says so.
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createTaskport, follow, memoryStore } from '../../../clients/typescript/src/index.ts'

beforeEach(() => {
  vi.useFakeTimers()
  // The longest pauses, without chance.
  vi.spyOn(Math, 'random').mockReturnValue(1)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const NOTHING = {
  gone: [],
  users: [],
  projects: [],
  tasks: [],
  labels: [],
  comments: [],
  reminders: [],
  has_more: false,
}

type Stream = { readonly send: (text: string) => void; readonly end: () => void }

/** A service whose log is at `at`, and which answers `events` to GET /events. */
const start = async (events: () => Promise<Response>, at = () => 'now') => {
  const asked = { changes: 0, events: 0 }
  const { api } = createTaskport({
    url: 'http://localhost',
    fetch: async (request) => {
      const name = new URL(request.url).pathname === '/api/v1/events' ? 'events' : 'changes'
      asked[name]++
      if (name === 'events') return events()
      return Response.json({ ...NOTHING, token: at() })
    },
  })
  const following = follow(api, memoryStore())
  onTestFinished(() => following.stop())
  await vi.advanceTimersByTimeAsync(0)
  return { asked, following }
}

/** Streams that the test speaks by. */
const streaming = () => {
  const streams: Stream[] = []
  const open = async (): Promise<Response> => {
    const encoder = new TextEncoder()
    const body = new ReadableStream({
      start: (controller) => {
        streams.push({
          send: (text) => controller.enqueue(encoder.encode(text)),
          end: () => controller.close(),
        })
      },
    })
    return new Response(body)
  }
  return { streams, open }
}
const poke = (token: string) => `event: changes\ndata: ${JSON.stringify({ token })}\n\n`

test('a poke with another token asks for changes, one with its own does not', async () => {
  let at = 'first'
  const { streams, open } = streaming()
  const { asked } = await start(open, () => at)
  expect(asked).toEqual({ changes: 1, events: 1 })
  streams[0]?.send(poke('first'))
  streams[0]?.send(': still here\n\nevent: other\ndata: {"token":"x"}\n\n')
  await vi.advanceTimersByTimeAsync(10)
  expect(asked.changes).toBe(1)
  at = 'second'
  // In two pieces, and with the other line ends.
  streams[0]?.send('event: changes\r\ndata: {"tok')
  streams[0]?.send('en":"second"}\r\n\r\n')
  await vi.advanceTimersByTimeAsync(10)
  expect(asked).toEqual({ changes: 2, events: 1 })
})

test('where there are no streams it polls, as often as the service says', async () => {
  const problem = () => Response.json({ code: 'no_streams' }, { status: 501 })
  for (const [headers, ms] of [
    [{ 'Retry-After': '7' }, 7_000],
    [{}, 30_000],
  ] as const) {
    const { asked, following } = await start(
      async () => new Response(problem().body, { status: 501, headers }),
    )
    expect(asked).toEqual({ changes: 1, events: 1 })
    for (const times of [2, 3, 4]) {
      await vi.advanceTimersByTimeAsync(ms - 1)
      expect(asked.changes).toBe(times - 1)
      await vi.advanceTimersByTimeAsync(1)
      expect(asked.changes).toBe(times)
    }
    // The app comes to the front.
    following.wake()
    await vi.advanceTimersByTimeAsync(0)
    expect(asked.changes).toBeGreaterThan(4)
    await following.stop()
  }
})

test('a stream that cannot be opened is tried again, less and less often, and changes with it', async () => {
  const { asked } = await start(() => Promise.reject(new TypeError('fetch failed')))
  let tries = 1
  for (const pause of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    await vi.advanceTimersByTimeAsync(pause - 1)
    expect(asked.events, `before ${pause}`).toBe(tries)
    await vi.advanceTimersByTimeAsync(1)
    expect(asked.events, `after ${pause}`).toBe(++tries)
    expect(asked.changes).toBe(tries)
  }
})

test('a pause may be half as long', async () => {
  vi.mocked(Math.random).mockReturnValue(0)
  const { asked } = await start(() => Promise.reject(new TypeError('fetch failed')))
  await vi.advanceTimersByTimeAsync(250)
  expect(asked.events).toBe(2)
})

test('a stream that ends is opened again, and soon where it had lived', async () => {
  const { streams, open } = streaming()
  const { asked } = await start(open)
  for (const pause of [500, 1_000, 2_000]) {
    streams.at(-1)?.end()
    await vi.advanceTimersByTimeAsync(pause - 1)
    const before = asked.events
    await vi.advanceTimersByTimeAsync(1)
    expect(asked.events).toBe(before + 1)
  }
  await vi.advanceTimersByTimeAsync(26_000)
  streams.at(-1)?.end()
  await vi.advanceTimersByTimeAsync(500)
  expect(asked.events).toBe(5)
})

test('a stream that says nothing for a minute is dead', async () => {
  const { streams, open } = streaming()
  const { asked } = await start(open)
  for (let i = 0; i < 4; i++) {
    await vi.advanceTimersByTimeAsync(25_000)
    streams[0]?.send(': still here\n\n')
  }
  expect(asked.events).toBe(1)
  await vi.advanceTimersByTimeAsync(61_000)
  expect(asked.events).toBe(2)
})
