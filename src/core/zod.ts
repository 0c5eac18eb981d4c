// Zod as schemas of the API use it: `.openapi(…)` says what the document shows of a schema. Here it
// only takes notes. What makes a document of them is loaded when one is asked for
// (http/openapi.ts).
import type { ZodOpenAPIMetadata } from '@asteasolutions/zod-to-openapi'
import { z } from 'zod'

/** What the document shows of a schema. */
type Description = {
  /** That of its component. */
  readonly name?: string
  /** Fields of OpenAPI. */
  readonly shown: Readonly<Partial<ZodOpenAPIMetadata>>
}

const descriptions = new Map<z.ZodType, Description>()
/** The schemas for which `.openapi(…)` was called. */
export const described: ReadonlyMap<z.ZodType, Description> = descriptions

type Made = { readonly parent?: z.ZodType; readonly def: MadeBy }
type MadeBy = { readonly innerType?: z.ZodType; readonly in?: z.ZodType }

/** What was said of a schema, or else of the one that a check, a default or null was added to. */
const descriptionOf = (schema: z.ZodType): Description | undefined => {
  const own = descriptions.get(schema)
  if (own) return own
  const { parent, def } = schema._zod as unknown as Made
  const from = parent ?? def.innerType ?? def.in
  return from && descriptionOf(from)
}

type Named = readonly [name: string, shown?: object]
type Arguments = Named | readonly [shown: object]
const isNamed = (given: Arguments): given is Named => typeof given[0] === 'string'

/** A copy with this description and that of the schema. The schema itself keeps its own. */
function describe<T extends z.ZodType>(this: T, ...given: Arguments): T {
  const [name, shown] = isNamed(given) ? given : [undefined, given[0]]
  const before = descriptionOf(this)
  const copy = new (this.constructor as new (def: T['def']) => T)(this.def)
  descriptions.set(copy, {
    ...before,
    ...(name !== undefined && { name }),
    shown: { ...before?.shown, ...(shown as Description['shown'] | undefined) },
  })
  return copy
}
z.ZodType.prototype.openapi = describe as typeof z.ZodType.prototype.openapi

/** Where the document finds the name of a schema (`http/component-schemas.ts`). */
export const COMPONENT = 'x-component'

/**
 * Gives a schema a name in the document, so that generated clients have one type of it. Unlike
 * `.openapi(name)` it may be nullable, have a default or another description where it is used.
 * `about` is what the document says of it; with a `type`, all that it says.
 */
export const component = <T extends z.ZodType>(
  name: string,
  schema: T,
  about: Readonly<Record<string, unknown>> = {},
): T =>
  schema.openapi({
    ...('description' in about && { description: about['description'] as string }),
    [COMPONENT]: { name, about },
  })

/** The example that `.openapi(…)` gave a schema; undefined if there is none. */
export const exampleIn = (schema: z.ZodType): unknown => descriptionOf(schema)?.shown.example

export { z }
