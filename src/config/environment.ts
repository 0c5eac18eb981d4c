import { removedVariables } from './removed-variables.ts'
import { type Given, variables } from './variables.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Reads every variable. Blank ones count as not set. Adds a line to `faults` for each wrong one. */
export const readEnvironment = (env: Environment, faults: string[]): Given =>
  Object.fromEntries(
    Object.entries(variables).map(([name, { schema, shown }]) => {
      const text = env[name]?.trim() ?? ''
      if (text === '') return [name, undefined]
      const result = schema.safeParse(text)
      if (result.success) return [name, result.data]
      const issue = result.error.issues[0]
      const complete = issue?.code === 'custom' && issue.params?.['complete'] === true
      faults.push(
        `${name} ${issue?.message ?? 'is not valid'}${complete ? '' : `: correct it, or remove it (default: ${shown.replaceAll('`', '')})`}`,
      )
      return [name, undefined]
    }),
  ) as Given

/**
 * A removed variable is a fault: without it the operator would get another service than the one that
 * the variable once set up.
 */
export const refuseRemoved = (env: Environment, faults: string[]): void => {
  for (const [name, reason] of Object.entries(removedVariables))
    if (env[name]?.trim()) faults.push(`${name} ${reason}`)
}
