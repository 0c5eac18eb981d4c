export { addUser } from './add-user.ts'
export type { ApiKeyCtx } from './api-keys/context.ts'
export { createApiKey } from './api-keys/create.ts'
export { deleteApiKey } from './api-keys/delete.ts'
export { getApiKey } from './api-keys/get.ts'
export { listApiKeys } from './api-keys/list.ts'
export { apiKeyOperations } from './api-keys/operations.ts'
export { changePassword } from './change-password.ts'
export type { AccountCtx } from './context.ts'
export { deleteMe } from './delete-me.ts'
export { deleteUser } from './delete-user.ts'
export { endSession } from './end-session.ts'
export { getMe } from './get-me.ts'
export {
  expectFit,
  findImportedUser,
  type ImportedUser,
  makeImportedUser,
  type PresentUser,
} from './import-user.ts'
export { issueCode } from './issue-code.ts'
export { knownDevice } from './known-device.ts'
export { listSessions } from './list-sessions.ts'
export { login } from './login.ts'
export { logout } from './logout.ts'
export { Challenge } from './openid/schemas.ts'
export { accountOperations } from './operations.ts'
export { refresh } from './refresh.ts'
export { register } from './register.ts'
export { resetPassword } from './reset-password.ts'
export { Login, Refresh, Registration, UserPatch } from './schemas.ts'
export { type ListedUser, listUsers, showUser } from './show-user.ts'
export { refoldEmail } from './store.ts'
export { updateMe } from './update-me.ts'
