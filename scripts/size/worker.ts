// The Worker as `npm run build:worker` makes it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { serveWorkerd, WORKER } from '../../test/runtimes/bare-workerd.ts'
import type { Figure } from './figure.ts'

const ROOT = join(import.meta.dirname, '../..')

/** Bytes, milliseconds. */
const most = { onD1: 319_000, start: 50 } as const

export const measureWorker = async (): Promise<Figure[]> => {
  const { onD1, all } = workerBytes()
  return [
    { name: 'Worker script on D1, gzip', value: onD1, unit: 'bytes', most: most.onD1 },
    { name: 'Worker script with every driver, gzip', value: all, unit: 'bytes' },
    ...(process.platform === 'linux' ? [await startup()] : []),
  ]
}

const startup = async (): Promise<Figure> => ({
  name: "Worker's start, CPU",
  value: Math.round(await startCpu()),
  unit: 'ms',
  most: most.start,
  detail: `the least of ${ROUNDS}, beyond an empty Worker's`,
})

type Output = {
  readonly entryPoint?: string
  readonly imports: readonly { readonly path: string; readonly kind: string }[]
}
type Metafile = { readonly outputs: Readonly<Record<string, Output>> }

/** The sources that a Worker on D1 loads when it starts, each with what it imports. */
const ON_D1 = [
  'src/runtimes/cloudflare.ts',
  'src/db/open/d1.ts',
  'src/db/dialect/sqlite.ts',
  'src/runtimes/cloudflare/migrations/sqlite.ts',
]

const withImports = (
  { outputs }: Metafile,
  files: readonly string[],
  found = new Set<string>(),
): Set<string> => {
  for (const file of files.filter((name) => !found.has(name) && name in outputs)) {
    found.add(file)
    const imports = outputs[file]?.imports
      .filter(({ kind }) => kind === 'import-statement')
      .map(({ path }) => path)
    withImports({ outputs }, imports ?? [], found)
  }
  return found
}

/**
 * Bytes of the script, compressed file by file as they are uploaded: what a Worker on D1 loads, and
 * all of it.
 */
const workerBytes = (): { readonly onD1: number; readonly all: number } => {
  const metafile = JSON.parse(readFileSync(join(ROOT, 'dist-worker/meta.json'), 'utf8')) as Metafile
  const names = Object.keys(metafile.outputs)
  const entries = ON_D1.map((source) =>
    names.find((name) => metafile.outputs[name]?.entryPoint === source),
  )
  if (entries.includes(undefined))
    throw new Error('the script is not in the parts that are measured here')
  const compressed = (files: Iterable<string>) =>
    [...files].reduce(
      (sum, name) => sum + gzipSync(readFileSync(join(ROOT, name)), { level: 9 }).byteLength,
      0,
    )
  return { onD1: compressed(withImports(metafile, entries as string[])), all: compressed(names) }
}

const ROUNDS = 9
const EMPTY = "export default { fetch: () => new Response('ok') }"

/**
 * Milliseconds of CPU time that a Worker's start takes: those of the isolate's thread from the
 * launch of workerd to its first answer, less those of an empty Worker. Both give the same plain
 * answer, so the difference is compiling and evaluating the script. The least of several rounds,
 * because whatever else the machine does only adds to it.
 */
const startCpu = async (): Promise<number> => {
  const measure = async (modules: Readonly<Record<string, string>>) => {
    const { url, cpuMs, stop } = await serveWorkerd({ modules })
    await (await fetch(url)).text()
    const ms = cpuMs()
    await stop()
    return ms
  }
  const { 'worker.js': script = '', ...chunks } = WORKER()
  const loaded = { ...chunks, 'script.js': script, 'worker.js': `import './script.js'\n${EMPTY}` }
  const rounds: { readonly ours: number; readonly empty: number }[] = []
  for (let i = 0; i < ROUNDS; i++)
    rounds.push({ ours: await measure(loaded), empty: await measure({ 'worker.js': EMPTY }) })
  return Math.min(...rounds.map(({ ours }) => ours)) - Math.min(...rounds.map(({ empty }) => empty))
}
