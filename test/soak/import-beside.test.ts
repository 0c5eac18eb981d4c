// One user imports files as large as they may be, of each format, while another one goes about an
// ordinary day. MEBIBYTES says how large. A small run bounds no time.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Client, clientsOf } from '../support/client.ts'
import { startTaskport, temporaryFolder } from '../support/process.ts'
import { isSmall, linger, sized } from '../support/size.ts'

const SIZE = sized('MEBIBYTES', { full: 19, small: 0.1 }) * 2 ** 20
/** Rows of a file: it takes no more. */
const MOST_ROWS = 100_000
/** Milliseconds that an ordinary request may take. */
const MOST_P99_MS = 100
/** Milliseconds of CPU that nothing may take in one turn of the event loop. */
const MOST_HELD_MS = 50
const PACE_MS = 10

const words = 'Sweep the chimney and the stove, and ask for the certificate. '
const id = (n: number) => `0190a5e0-0001-7000-8000-${String(n).padStart(12, '0')}`
const uuid = (n: number) => `5d2b1a40-0001-4000-8000-${String(n).padStart(12, '0')}`
const none = { occurrences: 0, reminders: 0, comments: 0, projects: 0, labels: 0 }
/** What is before the rows, the nth of them, what is between them and behind so many of them. */
type File = readonly [string, (n: number) => string, string, (rows: number) => string]
const files: Readonly<Record<string, File>> = {
  todotxt: ['', (n) => `(A) 2026-01-02 ${n} ${words}+house @home due:2030-01-02`, '\n', () => '\n'],
  json: [
    '{"format":"taskport","version":1,"exported_at":"2026-12-01T09:00:00.000Z",\n"settings":{"name":"","time_zone":"UTC","reminder_time":"09:00"},\n"tasks":[\n',
    (n) =>
      JSON.stringify({
        id: id(n),
        title: `${n} ${words}`,
        description: words.repeat(3),
        status: 'pending',
        priority: 'none',
        labels: ['home'],
        due: { kind: 'day', date: '2030-01-02' },
        parent_id: n % 10 === 0 ? null : id(n - (n % 10)),
        created_at: '2026-11-01T09:00:00.000Z',
      }),
    ',\n',
    (tasks) => `\n],\n"end":${JSON.stringify({ ...none, tasks })}}\n`,
  ],
  ics: [
    'BEGIN:VCALENDAR\r\nVERSION:2.0\r\n',
    (n) =>
      `BEGIN:VTODO\r\nUID:${uuid(n)}\r\nSUMMARY:${n} ${words}\r\nDUE;VALUE=DATE:20300102\r\nCATEGORIES:home\r\nBEGIN:VALARM\r\nTRIGGER;RELATED=END:-PT15M\r\nEND:VALARM\r\nEND:VTODO`,
    '\r\n',
    () => '\r\nEND:VCALENDAR\r\n',
  ],
  taskwarrior: [
    '[\n',
    (n) =>
      JSON.stringify({
        uuid: uuid(n),
        description: `${n} ${words}`,
        status: 'pending',
        due: '20300102T090000Z',
        tags: ['home'],
        ...(n % 10 !== 0 && { depends: [uuid(n - 1)] }),
      }),
    ',\n',
    () => '\n]\n',
  ],
  'todoist-csv': [
    'TYPE,CONTENT,DESCRIPTION,PRIORITY,INDENT,AUTHOR,RESPONSIBLE,DATE,DATE_LANG,TIMEZONE\n',
    (n) => `task,${n} @home,"${words}${words}",1,1,,,2030-01-02,en,UTC`,
    '\n',
    () => '\n',
  ],
}
const textOf = ([head, row, between, foot]: File): string => {
  const rows: string[] = []
  for (let size = head.length; size < SIZE && rows.length < MOST_ROWS; ) {
    rows.push(row(rows.length))
    size += (rows.at(-1) as string).length + between.length
  }
  return head + rows.join(between) + foot(rows.length)
}

type Taken = { readonly clock: readonly number[]; readonly cpu: readonly number[] }

// In a small run once.
test.each(Object.entries(files).slice(0, isSmall ? 1 : undefined))(
  '%s beside another user',
  async (format, file) => {
    const { url, child, err } = await startTaskport({
      DATA_DIR: temporaryFolder(),
      RATE_LIMIT: 'off',
      LOG_LEVEL: 'warning',
      QUOTA_TASKS: String(2 * MOST_ROWS),
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'loop-delay.ts')}`,
    })
    const clients = clientsOf((path, init) => fetch(url + path, init))
    // A session may end while all this goes on.
    const enter = async (name: string, scopes: readonly string[]): Promise<Client> => {
      const user = await clients.register(name)
      const made = await user.post('/api/v1/api-keys', { name: 'Soak', scopes })
      return clients.client(made.body.key)
    }
    const ada = await enter('Ada', ['data:read', 'data:write'])
    const other = await enter('Grace', ['tasks:read', 'tasks:write'])
    const { body: task } = await other.post('/api/v1/tasks', { title: 'Read' })
    const path = `/api/v1/tasks/${task.id}`
    /** Milliseconds of the processor that the event loop has had. */
    const cpu = (): number =>
      Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/schedstat`, 'utf8').split(' ')[0]) /
      1e6
    /**
     * How long each request took, sorted: on the clock, and of the processor while it was under way,
     * which other processes do not lengthen.
     */
    const live = async (isOver: () => boolean): Promise<Taken> => {
      const day = [
        () => other.get(path),
        () => other.get('/api/v1/tasks'),
        () => other.patch(path, { title: `Read ${performance.now()}` }),
      ]
      const taken: Record<keyof Taken, number[]> = { clock: [], cpu: [] }
      for (let i = 0; !isOver(); i++) {
        const began = { clock: performance.now(), cpu: cpu() }
        const { status, text } = await (day[i % day.length] as () => ReturnType<Client['get']>)()
        taken.clock.push(performance.now() - began.clock)
        taken.cpu.push(cpu() - began.cpu)
        expect(status, text).toBe(200)
        await linger(PACE_MS)
      }
      for (const list of Object.values(taken)) list.sort((a, b) => a - b)
      return taken
    }
    const held = async (): Promise<number> => {
      const seen = err().length
      child.kill('SIGUSR2')
      for (;;) {
        const found = /event loop held [\d.]+ ([\d.]+)/.exec(err().slice(seen))
        if (found) return Number(found[1])
        await sleep(5)
      }
    }
    let alone = 30
    const quiet = await live(() => alone-- === 0)
    const text = textOf(file)

    await held()
    const most: Record<string, number> = {}
    const begin = async (): Promise<string> => {
      const answer = await ada.post(`/api/v1/import?format=${format}`, text, {
        'Content-Type': 'text/plain',
      })
      expect(answer.status, answer.text).toBe(202)
      return answer.body.id
    }
    let over = false
    const importing = async () => {
      const began = performance.now()
      const id = await begin()
      most['receiving'] = await held()
      for (;;) {
        const { body } = await ada.get(`/api/v1/imports/${id}`)
        most[body.status] = Math.max(most[body.status] ?? 0, await held())
        if (!['reading', 'writing'].includes(body.status))
          return { ...body, took: performance.now() - began }
        await sleep(isSmall ? 5 : 100)
      }
    }
    const done = importing().finally(() => {
      over = true
    })
    const loud = await live(() => over)
    const { status, counts, took } = await done
    const at = (sorted: readonly number[], share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
    const of = (sorted: readonly number[]) =>
      `p50 ${at(sorted, 0.5).toFixed(1)}, p99 ${at(sorted, 0.99).toFixed(1)}, most ${at(sorted, 1).toFixed(1)} ms`
    const said = ({ clock, cpu }: Taken) =>
      `${of(clock)} of ${clock.length} (of the processor ${of(cpu)})`
    console.log(
      `${format}: ${(text.length / 2 ** 20).toFixed(1)} MiB, ${counts.rows} rows in ${(took / 1000).toFixed(1)} s; another user alone ${said(quiet)}; beside it ${said(loud)}; the event loop was held ${JSON.stringify(most)} ms of CPU`,
    )
    expect(status).toBe('done')
    expect(counts).toMatchObject({ created: counts.rows, refused: 0 })
    if (isSmall) return
    expect(Math.max(...Object.values(most)), 'held').toBeLessThanOrEqual(MOST_HELD_MS)
    expect(at(loud.clock, 0.99)).toBeLessThanOrEqual(MOST_P99_MS)
  },
)
