import type { Answered, Counted, Siblings } from '../../../core/broadcast.ts'
import type { FirstDuties, WorkerDuties } from './protocol.ts'
import type { Peer } from './rpc.ts'

/**
 * The other processes, as one of them reaches them through the first; `heard` is to be called with
 * what they say.
 */
export const createSiblings = (
  first: () => Pick<Peer<FirstDuties>, 'ask'>,
): { siblings: Siblings; heard: Pick<WorkerDuties, 'revoked' | 'counted' | 'answered'> } => {
  let revoked = () => {}
  let counted = (_: Counted) => {}
  let own: () => readonly Answered[] = () => []
  return {
    siblings: {
      revoked: {
        tell: () => first().ask('revoked'),
        hear: (listener) => {
          revoked = () => listener(undefined)
        },
      },
      counted: {
        tell: (news) => first().ask('counted', news),
        hear: (listener) => {
          counted = listener
        },
      },
      answered: {
        give: (given) => {
          own = given
        },
        all: () => first().ask('answered'),
      },
    },
    heard: { revoked: () => revoked(), counted: (news) => counted(news), answered: () => own() },
  }
}
