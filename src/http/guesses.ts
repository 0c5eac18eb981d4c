// What could be used to guess is counted as an attempt before its work begins.
import type { Guess } from '../core/operation.ts'
import { fold } from '../core/text.ts'
import { knownDevice } from '../features/account/index.ts'
import type { Call } from './endpoint.ts'
import { type Exchange, networksOf } from './exchange.ts'
import type { Attempt } from './sign-in-limits.ts'

type Credentials = { readonly email: string; readonly device_token?: string | undefined }

/** Begins the attempt that a call is. Throws `rate_limited`, `unavailable`. */
export const beginAttempt = async (
  guess: Guess,
  exchange: Exchange,
  { ctx, body }: Call,
): Promise<Attempt> => {
  const { signInLimits } = exchange.deps
  switch (guess) {
    case 'registration':
      return signInLimits.registration(networksOf(exchange))
    case 'redemption':
      return signInLimits.redemption(networksOf(exchange))
    case 'sign_in': {
      const { email, device_token } = body as Credentials
      return signInLimits.signIn({
        account: fold(email),
        networks: networksOf(exchange),
        device: await knownDevice(ctx, { email, device_token }),
      })
    }
    // The holder of an access token may not guess its owner's password with it either, nor keep the
    // owner's other sessions from it.
    case 'proof': {
      const { actor } = exchange
      return signInLimits.proof(actor.kind === 'session' ? actor.sessionId : actor.userId)
    }
  }
}
