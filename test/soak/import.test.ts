// Files of as many rows as there may be, one behind the other: the process is killed while it reads
// and while it writes, and all files come a second time. ROWS says how many rows there are.
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openFile } from '../../src/db/open/file.ts'
import { rawQuery } from '../../src/db/statement.ts'
import { type Client, clientsOf } from '../support/client.ts'
import { startTaskport, temporaryFolder } from '../support/process.ts'
import { sized, until } from '../support/size.ts'
import { faultsOf } from './file.ts'

const ROWS = sized('ROWS', { full: 1_000_000, small: 600 })
/** Rows of a file: it takes no more. */
const EACH = Math.min(100_000, Math.ceil(ROWS / 2))
const FILES = Math.ceil(ROWS / EACH)
/** Each such row has a due that is no date. */
const WRONG = 50
const MIB = 2 ** 20

const fileOf = (number: number): string =>
  Array.from({ length: EACH }, (_, i) => {
    const n = number * EACH + i
    const due = n % WRONG === 0 ? 'due:soon' : `due:2030-0${1 + (n % 9)}-1${n % 10}`
    return `(${'ABCD'[n % 4]}) 2026-01-0${1 + (n % 9)} Sweep chimney ${n} of house ${n % 977} +house${number} @home ${due}\n`
  }).join('')

const present = rawQuery<{ n: number }>('select count(*) from tasks', ['n'])
/** What a change of any task changes. */
const revisions = rawQuery<{ text: string }>(
  "select coalesce(group_concat(rev), '') from (select rev from tasks order by id)",
  ['text'],
)

test(`${ROWS} rows in ${FILES} files, killed with -9 in between, and all of them once more`, async () => {
  const dataDir = temporaryFolder()
  const start = () =>
    startTaskport({
      DATA_DIR: dataDir,
      RATE_LIMIT: 'off',
      LOG_LEVEL: 'warning',
      QUOTA_TASKS: String(2 * ROWS),
    })
  let service = await start()
  const clients = clientsOf((path, init) => fetch(service.url + path, init))
  const owner = await clients.register('Ada')
  // A session ends while all this goes on.
  const scopes = ['data:read', 'data:write']
  const { key } = (await owner.post('/api/v1/api-keys', { name: 'Import', scopes })).body
  const ada: Client = clients.client(key)
  const db = openFile(join(dataDir, 'taskport.db'))
  onTestFinished(() => db.close())

  const send = async (text: string): Promise<string> => {
    const {
      status,
      body,
      text: said,
    } = await ada.post('/api/v1/import?format=todotxt', text, {
      'Content-Type': 'text/plain',
    })
    expect(status, said).toBe(202)
    return body.id
  }
  const look = async (id: string) => (await ada.get(`/api/v1/imports/${id}`)).body
  const killed: string[] = []
  const kill = async (at: string): Promise<void> => {
    service.child.kill('SIGKILL')
    await service.exit
    killed.push(at)
    service = await start()
  }
  const finished = async (id: string) => {
    let seen = await look(id)
    await until(async () => {
      seen = await look(id)
      return ['done', 'failed', 'cancelled'].includes(seen.status)
    })
    return seen
  }
  const reportOf = async (id: string) => {
    const lines: { row: number; code: string; field: string }[] = []
    for (let cursor = ''; ; ) {
      const { body } = await ada.get(`/api/v1/imports/${id}/report?limit=200${cursor}`)
      lines.push(...body.items)
      if (body.next_cursor === null) return lines
      cursor = `&cursor=${body.next_cursor}`
    }
  }
  /** The rows of one file that the report has to name, from 1. */
  const wrongIn = (number: number) =>
    Array.from({ length: EACH }, (_, i) => i)
      .filter((i) => (number * EACH + i) % WRONG === 0)
      .map((i) => i + 1)

  let bytes = 0
  const began = performance.now()
  for (let number = 0; number < FILES; number++) {
    const text = fileOf(number)
    bytes += Buffer.byteLength(text)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(20 * MIB)
    const id = await send(text)
    // One while it is read, the next while it is written.
    const [status, share] = number % 2 === 0 ? ['reading', 0] : ['writing', 0.3]
    if (number < 4) {
      await until(async () => {
        const { status: now, progress } = await look(id)
        return now !== 'reading' && now !== 'writing'
          ? true
          : now === status && progress.done >= share * progress.total
      })
      const { status: at, progress } = await look(id)
      await kill(`${at} ${progress.done} of ${progress.total}`)
    }
    const seen = await finished(id)
    expect(seen).toMatchObject({
      status: 'done',
      counts: {
        rows: EACH,
        created: EACH,
        unchanged: 0,
        refused: 0,
        projects: 1,
        labels: number === 0 ? 1 : 0,
        notes: wrongIn(number).length,
        notes_left_off: 0,
      },
    })
    const lines = await reportOf(id)
    expect(lines.every(({ code, field }) => code === 'not_understood' && field === 'due')).toBe(
      true,
    )
    expect(lines.map(({ row }) => row)).toEqual(wrongIn(number))
  }
  const took = performance.now() - began
  expect((await db.one(present))?.n).toBe(FILES * EACH)
  const before = await db.one(revisions)
  const beganAgain = performance.now()
  for (let number = 0; number < FILES; number++) {
    const seen = await finished(await send(fileOf(number)))
    expect(seen.counts).toMatchObject({ rows: EACH, created: 0, unchanged: EACH, refused: 0 })
    expect(seen.counts).toMatchObject({ projects: 0, labels: 0 })
  }
  const tookAgain = performance.now() - beganAgain
  expect((await db.one(present))?.n).toBe(FILES * EACH)
  expect((await db.one(revisions))?.text === before?.text, 'a task was changed').toBe(true)
  expect(await faultsOf(join(dataDir, 'taskport.db'))).toEqual([])
  console.log(
    `import: ${FILES * EACH} rows, ${(bytes / MIB).toFixed(1)} MiB in ${(took / 1000).toFixed(1)} s, once more in ${(tookAgain / 1000).toFixed(1)} s; killed at ${killed.join(', ')}`,
  )
})
