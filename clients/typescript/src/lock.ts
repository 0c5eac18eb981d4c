// Web Locks, where the platform has them: then it is the tabs of a browser that wait for each other.
type Locks = { request<T>(name: string, run: () => Promise<T>): Promise<T> }

/** Runs what no other tab runs at the same time under this name. */
export const exclusively = <T>(name: string, run: () => Promise<T>): Promise<T> => {
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: Locks } }
  return navigator?.locks ? navigator.locks.request(name, run) : run()
}
