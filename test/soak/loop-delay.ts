// Loaded into a service before it starts (node --import): on SIGUSR2 it says for how long one turn
// of its event loop took at most since the last time, in milliseconds: on the clock, and of the
// processor, which other processes do not lengthen.
import { isMainThread } from 'node:worker_threads'

const EVERY_MS = 2
const cpu = () => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
if (isMainThread) {
  let last = { at: performance.now(), cpu: cpu() }
  let most = { clock: 0, cpu: 0 }
  setInterval(() => {
    const now = { at: performance.now(), cpu: cpu() }
    most = {
      clock: Math.max(most.clock, now.at - last.at),
      cpu: Math.max(most.cpu, now.cpu - last.cpu),
    }
    last = now
  }, EVERY_MS).unref()
  process.on('SIGUSR2', () => {
    process.stderr.write(`event loop held ${most.clock.toFixed(1)} ${most.cpu.toFixed(1)}\n`)
    most = { clock: 0, cpu: 0 }
  })
}
