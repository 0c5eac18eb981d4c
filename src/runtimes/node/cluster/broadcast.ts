import type { Broadcast, CountedPoints, Figures } from '../../../core/broadcast.ts'
import type { Instant } from '../../../db/instant.ts'
import type { PrimaryMethods, WorkerMethods } from './protocol.ts'
import type { Peer } from './rpc.ts'

/**
 * The broadcast of one process. It tells the first process, which tells the others. The first
 * process calls `handlers` with what the others tell.
 */
export const createBroadcast = (
  primary: () => Pick<Peer<PrimaryMethods>, 'call'>,
): {
  broadcast: Broadcast
  handlers: Pick<WorkerMethods, 'revoked' | 'counted' | 'reminded' | 'grown' | 'figures'>
} => {
  let onRevoked = () => {}
  let onCounted = (_: CountedPoints) => {}
  let onReminded = (_: Instant) => {}
  let onGrown = (_: readonly string[]) => {}
  let ownFigures: () => Figures = () => ({})
  return {
    broadcast: {
      revoked: {
        tell: () => primary().call('revoked'),
        hear: (listener) => {
          onRevoked = () => listener(undefined)
        },
      },
      counted: {
        tell: (counted) => primary().call('counted', counted),
        hear: (listener) => {
          onCounted = listener
        },
      },
      reminded: {
        tell: (at) => primary().call('reminded', at),
        hear: (listener) => {
          onReminded = listener
        },
      },
      grown: {
        tell: (readers) => primary().call('grown', readers),
        hear: (listener) => {
          onGrown = listener
        },
      },
      figures: {
        give: (own) => {
          ownFigures = own
        },
        all: () => primary().call('figures'),
      },
    },
    handlers: {
      revoked: () => onRevoked(),
      counted: (counted) => onCounted(counted),
      reminded: (at) => onReminded(at),
      grown: (readers) => onGrown(readers),
      figures: () => ownFigures(),
    },
  }
}
