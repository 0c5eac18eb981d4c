// Two processes that ask each other, as two ends in this one: what goes between them goes as text,
// as it does between real ones.
import { createPeer, type Methods, type Peer } from '../../src/runtimes/node/cluster/rpc.ts'

/**
 * `first` is the first process as its worker asks it, `worker` the other way round; `sent` are the
 * messages to `first`.
 */
export const peers = <F extends Methods, W extends Methods>(
  ofFirst: Methods,
  ofWorker: Methods,
): { first: Peer<F>; worker: Peer<W>; sent: readonly string[] } => {
  const sent: string[] = []
  const first: Peer<F> = createPeer<F>((message) => {
    sent.push(JSON.stringify(message))
    queueMicrotask(() => worker.receive(JSON.parse(sent.at(-1) as string)))
  }, ofWorker)
  const worker: Peer<W> = createPeer<W>((message) => {
    const text = JSON.stringify(message)
    queueMicrotask(() => first.receive(JSON.parse(text)))
  }, ofFirst)
  return { first, worker, sent }
}
