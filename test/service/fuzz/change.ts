// One hostile change of a valid request: of a field, the body, a header, the query, the id.
import fc from 'fast-check'
import type { Operation } from '../../support/document.ts'
import type { Path } from './hostile-requests.ts'
import type { Hostile } from './hostile-values.ts'
import {
  type Bytes,
  type Json,
  resolved,
  type Schema,
  type Sent,
  sentAsIs,
  urlOf,
  type Valid,
} from './valid-requests.ts'

/** The fields of a body, those of its objects and the items of its lists. */
export const fieldsOf = (schema: Schema | undefined, at: Path = []): Path[] => {
  if (!schema) return []
  const {
    properties = {},
    items,
    anyOf = [],
  } = resolved(schema) as { properties?: Record<string, Schema>; items?: Schema; anyOf?: Schema[] }
  const own = Object.entries(properties).flatMap(([name, field]) => [
    [...at, name],
    ...fieldsOf(field, [...at, name]),
  ])
  const list = items ? [[...at, 0 as const], ...fieldsOf(items, [...at, 0])] : []
  const all = [...own, ...list, ...anyOf.flatMap((alternative) => fieldsOf(alternative, at))]
  return [...new Map(all.map((path) => [path.join('/'), path])).values()]
}

/** The JSON text of `body` with `raw` at a path. */
const withRaw = (body: Json | undefined, [step, ...rest]: Path, raw: string): string => {
  if (step === undefined) return raw
  if (step === 0) return `[${withRaw(undefined, rest, raw)}]`
  const fields = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {}
  const others = Object.entries(fields).filter(([name]) => name !== step)
  const members = [
    ...others.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`),
    `${JSON.stringify(step)}:${withRaw(fields[step], rest, raw)}`,
  ]
  return `{${members.join(',')}}`
}

/** One hostile change of a valid request. */
export type Change = {
  readonly to: Hostile<unknown>
  readonly says: string
  readonly apply: (valid: Valid) => Sent
}
const changing = (place: string, to: Hostile<unknown>, apply: Change['apply']): Change => {
  const says = `${place} as ${to.name}`
  return { to, says, apply, [fc.toStringMethod]: () => says } as Change
}
const textOf = ({ body }: Valid) => JSON.stringify(body)

export const fieldChange = (at: Path, to: Hostile<string>): Change =>
  changing(`the field /${at.join('/')}`, to, (valid) => ({
    ...sentAsIs(valid),
    body: withRaw(valid.body, at, to.value),
  }))

export const bodyChange = (to: Hostile<(text: string) => string | Bytes>): Change =>
  changing('the body', to, (valid) => ({ ...sentAsIs(valid), body: to.value(textOf(valid)) }))

export const headerChange = (header: string, to: Hostile<string>): Change =>
  changing(`the header ${header}`, to, (valid) => ({
    ...sentAsIs(valid),
    headers: { ...valid.headers, [header]: to.value },
  }))

export const searchChange = (place: string, to: Hostile<string>): Change =>
  changing(place, to, (valid) => ({
    ...sentAsIs(valid),
    target: urlOf(valid.path, valid.id, to.value),
  }))

export const idChange = (to: Hostile<string>): Change =>
  changing('the id', to, (valid) => ({
    ...sentAsIs(valid),
    target: urlOf(valid.path, to.value, ''),
  }))

export const queryOf = ({ parameters = [] }: Operation) =>
  parameters.filter((p) => p.in === 'query')
