import type { AccountCtx } from './context.ts'
import type { Login } from './schemas.ts'
import { findByEmail } from './store.ts'

/**
 * The device that signs in, where it shows that it has signed in to this account before, with the
 * present password.
 */
export const knownDevice = async (
  ctx: Pick<AccountCtx, 'db' | 'credentials'>,
  { email, device_token }: Pick<Login, 'email' | 'device_token'>,
): Promise<string | undefined> =>
  device_token === undefined
    ? undefined
    : ctx.credentials.deviceTokens.deviceOf(device_token, await findByEmail(ctx, email))
