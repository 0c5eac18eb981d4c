export { changePassword } from './change-password.ts'
export type { AccountCtx } from './context.ts'
export { deleteMe } from './delete-me.ts'
export { endSession } from './end-session.ts'
export { getMe } from './get-me.ts'
export { listSessions } from './list-sessions.ts'
export { login } from './login.ts'
export { logout } from './logout.ts'
export { refresh } from './refresh.ts'
export { register } from './register.ts'
export { resetPassword } from './reset-password.ts'
export {
  AccountDeletion,
  Login,
  PasswordChange,
  Refresh,
  Registration,
  Session,
  SignedIn,
  TokenPair,
  User,
  UserPatch,
} from './schemas.ts'
export { updateMe } from './update-me.ts'
