// What a process and its children take, as Linux counts it in /proc.
import { readFileSync } from 'node:fs'

/**
 * CPU time so far in milliseconds; resident memory in MB (10^6 bytes). NaN where there is no /proc.
 */
type Usage = { readonly cpuMs: number; readonly rss: number }

/** Clock ticks: a hundred a second on every Linux (sysconf(_SC_CLK_TCK)). */
const TICK_MS = 10

export const usageOf = (pid: number): Usage =>
  treeOf(pid)
    .map(usageOfOne)
    .reduce((a, b) => ({ cpuMs: a.cpuMs + b.cpuMs, rss: a.rss + b.rss }), { cpuMs: 0, rss: 0 })

/** It, its children and theirs. All of ours are started by the main thread. */
const treeOf = (pid: number): number[] => {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap(treeOf)]
}

const usageOfOne = (pid: number): Usage => {
  const fields = read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ') ?? []
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1]
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    rss: (Number(kilobytes) * 1024) / 1e6,
  }
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Calls `look` with the resident memory four times a second, until it is stopped. */
export const watchMemory = (pid: number, look: (rss: number) => void): { stop(): void } => {
  const once = () => look(usageOf(pid).rss)
  const timer = setInterval(once, 250)
  return {
    stop: () => {
      clearInterval(timer)
      once()
    },
  }
}
