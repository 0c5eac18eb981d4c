// Schemas that have a name of their own in the document (`component` in core/zod.ts).
import { COMPONENT } from '../core/zod.ts'

type Node = { readonly [key: string]: unknown }
type Mark = { readonly name: string; readonly about: Node }

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null
const isNull = (schema: unknown): boolean => isNode(schema) && schema['type'] === 'null'

const optionsOf = ({ oneOf, anyOf }: Node): unknown[] => [oneOf, anyOf].filter(Array.isArray).flat()

const mayBeNull = (schema: Node): boolean =>
  [schema['type']].flat().includes('null') || optionsOf(schema).some(isNull)

const withoutNull = (list: unknown): unknown =>
  Array.isArray(list) ? list.filter((member) => member !== null && !isNull(member)) : list

/** A schema without what belongs to the place where it is used: null, a default, other words. */
const bare = (schema: Node, mark: Mark): Node => {
  const { about } = mark
  if ('type' in about) return about
  const { [COMPONENT]: _, default: _default, description: _words, type, ...rest } = schema
  const lists = ['enum', 'oneOf', 'anyOf'].filter((name) => name in rest)
  return {
    ...(type !== undefined && { type: [type].flat().find((name) => name !== 'null') }),
    ...rest,
    ...Object.fromEntries(lists.map((name) => [name, withoutNull(rest[name])])),
    ...about,
  }
}

/**
 * A property whose default is in its description: generators make a property with a `default` one
 * that requests have to have (openapi-typescript), or send it always (openapi-generator).
 */
const withDefaultInWords = ({ default: given, ...property }: Node): Node => {
  if (given === undefined) return property
  const words = `Default: \`${JSON.stringify(given)}\`.`
  return { ...property, description: [property['description'], words].filter(Boolean).join(' ') }
}
const withDefaultsInWords = (properties: Node): Node =>
  Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      isNode(property) ? withDefaultInWords(property) : property,
    ]),
  )

/**
 * A union that may be null where it is used. openapi-generator's clients for Java read null by the
 * class of the union, and take it only where the union itself says so. A fourth member for null
 * would have no `kind`, which the others are told apart by.
 */
const nullable = (schema: Node | undefined): Node => ({ ...schema, 'x-nullable': true })

/**
 * Moves each schema that has a name to the document's components, and leaves a reference: the
 * library can do that only with schemas that are the same wherever they are used.
 */
export const withComponents = <D extends object>(document: D): D => {
  const found = new Map<string, Node>()
  const usedAsNullable = new Set<string>()
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(walk)
    if (!isNode(value)) return value
    const mark = value[COMPONENT] as Mark | undefined
    if (mark === undefined)
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [
          key,
          key === 'properties' ? withDefaultsInWords(walk(inner) as Node) : walk(inner),
        ]),
      )
    if (!found.has(mark.name)) found.set(mark.name, walk(bare(value, mark)) as Node)
    const reference = { $ref: `#/components/schemas/${mark.name}` }
    if (mayBeNull(value)) usedAsNullable.add(mark.name)
    const { description } = value
    return {
      ...(mayBeNull(value) ? { anyOf: [reference, { type: 'null' }] } : reference),
      ...('default' in value && { default: value['default'] }),
      ...(description !== mark.about['description'] && { description }),
    }
  }
  const walked = walk(document) as Node & { components: Node & { schemas: Node } }
  for (const name of usedAsNullable)
    if ('oneOf' in (found.get(name) ?? {})) found.set(name, nullable(found.get(name)))
  const { components } = walked
  const schemas = { ...components.schemas, ...Object.fromEntries(found) }
  return { ...walked, components: { ...components, schemas } } as unknown as D
}
