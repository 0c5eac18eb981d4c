// The server for Node as `npm run build` makes it.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { Server } from '../../bench/servers/process.ts'
import { startService } from '../../bench/servers/service.ts'
import { usageOf } from '../../bench/servers/usage.ts'
import { enter, type Person } from '../../test/soak/person.ts'
import type { Figure } from './figure.ts'

const ROOT = join(import.meta.dirname, '../..')
const STARTS = 9
const REQUESTS = 20_000
const AT_ONCE = 32
/** Time in which a process that has just started comes to rest. */
const REST_MS = 1_500

/**
 * Bytes, milliseconds, MB (10^6 bytes). No start loads what iterates recurrence rules (54,000 of the
 * bytes), what reads files of other programs (50,000) and what makes the documents (20,000).
 */
const most = { gzip: 646_000, ready: 300, idle: 90, loaded: 130 } as const

export const measureBundle = async (): Promise<Figure[]> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'taskport-size-'))
  try {
    await (await start(dataDir)).stop() // makes the database
    const starts: number[] = []
    for (let i = 0; i < STARTS; i++) {
      const { readyMs, stop } = await start(dataDir)
      starts.push(readyMs)
      await stop()
    }
    return [...bytes(), readiness(starts), ...(await memory(dataDir))]
  } finally {
    rmSync(dataDir, { recursive: true })
  }
}

const bytes = (): Figure[] => {
  const files = readdirSync(join(ROOT, 'dist')).filter((name) => name.endsWith('.js'))
  const contents = files.map((name) => readFileSync(join(ROOT, 'dist', name)))
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0)
  return [
    {
      name: 'Node bundle',
      value: sum(contents.map(({ length }) => length)),
      unit: 'bytes',
      detail: `${files.length} files`,
    },
    {
      name: 'Node bundle, gzip',
      value: sum(contents.map((content) => gzipSync(content).length)),
      unit: 'bytes',
      most: most.gzip,
    },
  ]
}

/** The shortest start counts: whatever else the machine does only adds to it. */
const readiness = (starts: readonly number[]): Figure => {
  const sorted = starts.map(Math.round).sort((a, b) => a - b)
  const [least = 0, median = 0, longest = 0] = [
    sorted[0],
    sorted[Math.floor(STARTS / 2)],
    sorted.at(-1),
  ]
  const detail = `the shortest of ${STARTS}; median ${median}, longest ${longest}`
  return {
    name: 'start to /ready, on an existing file',
    value: least,
    unit: 'ms',
    most: most.ready,
    detail,
  }
}

const memory = async (dataDir: string): Promise<Figure[]> => {
  const service = await start(dataDir)
  try {
    await sleep(REST_MS)
    const rss = () => Math.round(usageOf(service.pid).rss)
    const idle = rss()
    await burden(await enter(service.url, 'size', 'register'))
    const loaded = rss()
    return [
      { name: 'memory at rest', value: idle, unit: 'MB', most: most.idle },
      {
        name: `memory after ${REQUESTS.toLocaleString('en')} requests`,
        value: loaded,
        unit: 'MB',
        most: most.loaded,
      },
    ]
  } finally {
    await service.stop()
  }
}

/** Nine reads of a task to one create. */
const burden = async (person: Person): Promise<void> => {
  const { id } = (await person.post('Read often')).body
  const one = (i: number) => (i % 10 === 0 ? person.post(`Task ${i}`) : person.get(id))
  let next = 0
  const worker = async () => {
    while (next < REQUESTS) await one(next++)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/**
 * Its log is short, and nobody is refused. It finds what the start before has compiled, as it does
 * in the image.
 */
const start = (dataDir: string): Promise<Server> =>
  startService({
    dataDir,
    env: {
      RATE_LIMIT: 'off',
      LOG_LEVEL: 'warning',
      NODE_COMPILE_CACHE: join(dataDir, 'compiled'),
    },
  })
