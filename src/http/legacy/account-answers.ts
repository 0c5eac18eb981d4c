// Answers about accounts, under each name that clients of the family look for.
type Tokens = { readonly access_token: string; readonly token_type: string }
export type ShownUser = { readonly id: string; readonly name: string }

/** Tokens under each name that the family looks for them. */
export const withTokens = <T extends Tokens>(tokens: T) => ({
  ...tokens,
  token_type: 'bearer',
  token: tokens.access_token,
  accessToken: tokens.access_token,
})
export const shownUser = <T extends ShownUser>(user: T, subject = user.id) => ({
  ...user,
  user_id: subject,
  username: user.name,
  full_name: user.name,
})
export const signedIn = <T extends Tokens & { readonly user: ShownUser }>(result: T) => ({
  ...withTokens(result),
  user: shownUser(result.user),
  user_id: result.user.id,
  userId: result.user.id,
})
/** The user at the top, and as `user`. */
export const profileOf = <T extends ShownUser>(user: T, subject = user.id) => {
  const shown = shownUser(user, subject)
  return { ...shown, user: shown }
}

const SIGNED_OUT = 'You are signed out.'
export const signedOut = { message: SIGNED_OUT, detail: SIGNED_OUT, success: true } as const
