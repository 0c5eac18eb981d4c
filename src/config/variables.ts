// Every variable of the environment. docs/configuration.md is printed from this table, in this order.
import type { z } from 'zod'
import type { Variable } from './variable.ts'
import { backup } from './variables/backup.ts'
import { database } from './variables/database.ts'
import { limits } from './variables/limits.ts'
import { listening } from './variables/listening.ts'
import { service } from './variables/service.ts'
import { signIn } from './variables/sign-in.ts'

export const variables = {
  ...listening,
  ...database,
  ...backup,
  ...service,
  ...limits,
  ...signIn,
} as const satisfies Record<string, Variable>

export type VariableName = keyof typeof variables
/** The values of the environment. A variable that is not set or blank is undefined. */
export type Given = {
  readonly [N in VariableName]: z.output<(typeof variables)[N]['schema']> | undefined
}
