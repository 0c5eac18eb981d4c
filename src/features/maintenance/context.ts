import type { Ctx, Interruptible } from '../../core/context.ts'
import type { Lease } from '../../core/lease.ts'
import type { ObservedClock } from './confirmed-time.ts'

/** What maintenance needs besides: its lease, and what time it is for what cannot be undone. */
export type MaintenanceCtx = Ctx &
  Interruptible & { readonly lease: Lease; readonly observed: ObservedClock }
