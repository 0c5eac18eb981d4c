export { addUser } from './add-user.ts'
export { changePassword } from './change-password.ts'
export type { AccountCtx } from './context.ts'
export { newApiKey, scopesIn } from './credentials/api-keys.ts'
export type { Identity } from './credentials/authentication.ts'
export { holdSession, isLive } from './credentials/sessions.ts'
export { deleteMe } from './delete-me.ts'
export { endSession } from './end-session.ts'
export { getIdentity } from './get-identity.ts'
export { getMe } from './get-me.ts'
export { issueCode } from './issue-code.ts'
export { knownDevice } from './known-device.ts'
export { linkIdentity } from './link-identity.ts'
export { listIdentities } from './list-identities.ts'
export { listSessions } from './list-sessions.ts'
export { login } from './login.ts'
export { logout } from './logout.ts'
export { redeemCode } from './redeem-code.ts'
export { refresh } from './refresh.ts'
export { register } from './register.ts'
export { resetPassword } from './reset-password.ts'
export {
  Challenge,
  CodeRedemption,
  IdentityLink,
  LinkedIdentity,
  Login,
  Me,
  PasswordChange,
  Proof,
  Refresh,
  Registration,
  Session,
  SignedIn,
  TokenPair,
  User,
  UserPatch,
} from './schemas.ts'
export { unlinkIdentity } from './unlink-identity.ts'
export { updateMe } from './update-me.ts'
