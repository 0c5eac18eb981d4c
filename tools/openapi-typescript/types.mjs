// Types of an OpenAPI document, and by the names of its schemas.
import openapiTS, { astToString } from 'openapi-typescript'

/** Answers the text of a module with these types. */
export const typesOf = async (document) =>
  astToString(await openapiTS(document, { rootTypes: true, rootTypesNoSchemaPrefix: true }))
