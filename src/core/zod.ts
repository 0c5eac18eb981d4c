// Zod as schemas of the API use it: `.openapi(…)` says what the document shows of a schema.
import { extendZodWithOpenApi, getOpenApiMetadata } from '@asteasolutions/zod-to-openapi'
import { z } from 'zod'

// Only what is used: a bundler keeps all of a namespace that is passed on.
extendZodWithOpenApi({ ZodType: z.ZodType } as unknown as typeof z)

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
export const exampleIn = (schema: z.ZodType): unknown => getOpenApiMetadata(schema).example

export { z }
