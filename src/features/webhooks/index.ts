export type { WebhookCtx, WebhookParts } from './context.ts'
export { createDeliveryCounts } from './counts.ts'
export { deliverDue } from './deliver.ts'
export { webhookOperations } from './operations.ts'
export { EventPayload, TestPayload } from './payload-schemas.ts'
export {
  type AllowedHosts,
  faultOf,
  isAllowedHost,
  MOST_READ,
  noTargets,
  SEND_MS,
  SendFailure,
  type SendRequest,
  type Sent,
  type Targets,
} from './targets.ts'
