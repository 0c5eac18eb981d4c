/** Runs what it is given one after the other, whether or not what came before failed. */
export const sequence = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(run: () => Promise<T>): Promise<T> => {
    const next = last.then(run, run)
    last = next
    return next
  }
}
