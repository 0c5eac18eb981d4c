/** What has been asked for while one did not wait for it counts once. */
export type Bell = {
  ring(): void
  /** Has it rung since `heard` resolved last? */
  readonly hasRung: boolean
  /** Resolves when it has rung, and when the signal is aborted. */
  heard(): Promise<void>
}

export const createBell = (signal: AbortSignal): Bell => {
  let [rung, wake] = [false, () => {}]
  signal.addEventListener('abort', () => wake())
  return {
    ring: () => {
      rung = true
      wake()
    },
    get hasRung() {
      return rung
    },
    heard: async () => {
      if (!rung && !signal.aborted)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      rung = false
    },
  }
}
