// Every operation there is. Access, the OpenAPI document and the tests of isolation are made from
// this list.
import { byId } from '../core/operation.ts'
import {
  type AccountCtx,
  type ApiKeyCtx,
  accountOperations,
  apiKeyOperations,
} from './account/index.ts'
import { activityOperations } from './activity/index.ts'
import { type BatchCtx, batchOperations } from './batch/index.ts'
import { commentOperations } from './comments/index.ts'
import { exportOperations } from './exports/index.ts'
import { importOperations } from './imports/index.ts'
import { labelOperations } from './labels/index.ts'
import { projectOperations } from './projects/index.ts'
import { reminderOperations } from './reminders/index.ts'
import { type SyncCtx, syncOperations } from './sync/index.ts'
import { taskOperations } from './tasks/index.ts'
import { type WebhookCtx, webhookOperations } from './webhooks/index.ts'

export const operations = byId([
  ...accountOperations,
  ...apiKeyOperations,
  ...projectOperations,
  ...taskOperations,
  ...commentOperations,
  ...labelOperations,
  ...reminderOperations,
  ...batchOperations,
  ...exportOperations,
  ...importOperations,
  ...syncOperations,
  ...activityOperations,
  ...webhookOperations,
])
export type OperationId = keyof typeof operations

/** What an operation of any feature may need of a context. */
export type ServiceCtx = AccountCtx & ApiKeyCtx & BatchCtx & SyncCtx & WebhookCtx
