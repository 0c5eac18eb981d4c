// Zod as schemas of the API use it: `.openapi(…)` says what the document shows of a schema.
import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi'
import { z } from 'zod'

extendZodWithOpenApi(z)

export { z }
