// How far something is, on standard error: a bar on a terminal, elsewhere a line at each tenth.
import { number as n } from './number.ts'

const WIDTH = 30

export type ProgressBar = {
  /** `done` of `total`, in the words of `what`. */
  show(what: string, done: number, total: number): void
  /** Takes the bar away. */
  clear(): void
}

export const createProgressBar = (): ProgressBar => {
  let said = ''
  return {
    show: (what, done, total) => {
      const share = total === 0 ? 1 : Math.min(1, done / total)
      const counted = `${what}: ${n(done)} of ${n(total)}`
      if (process.stderr.isTTY) {
        const full = Math.round(share * WIDTH)
        const bar = `${'#'.repeat(full)}${' '.repeat(WIDTH - full)}`
        process.stderr.write(`\r\x1b[K[${bar}] ${Math.floor(share * 100)} % ${counted}`)
        return
      }
      const tenth = `${what} ${Math.floor(share * 10)}`
      if (tenth === said) return
      said = tenth
      console.error(counted)
    },
    clear: () => {
      if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
    },
  }
}
