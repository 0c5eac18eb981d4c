// Every change of an operation's valid request that is tried, and random ones.
import fc from 'fast-check'
import type { Operation } from '../../support/document.ts'
import {
  bodyChange,
  type Change,
  fieldChange,
  fieldsOf,
  headerChange,
  idChange,
  queryOf,
  searchChange,
} from './change.ts'
import {
  bytesOf,
  encoded,
  hostileBodies,
  hostileHeaders,
  hostileIds,
  hostileQueries,
  join,
  percentEncoded,
  tooLarge,
} from './hostile-requests.ts'
import { hostileValues, named, short } from './hostile-values.ts'
import { bodySchemaOf } from './valid-requests.ts'

/** Changes of one query parameter: hostile, given twice or often, and unknown ones beside it. */
const queryChanges = (operation: Operation): Change[] => {
  const replaced = queryOf(operation).flatMap(({ name }) => [
    ...hostileQueries.map((to) =>
      searchChange(`the parameter ${name}`, named(to.name, `${name}=${to.value}`)),
    ),
    searchChange(`the parameter ${name}`, named('twice', `${name}=1&${name}=1`)),
    searchChange(`the parameter ${name}`, named('a thousand times', `${name}=x&`.repeat(1_000))),
    searchChange(`the parameter ${name}`, named('with brackets', `${name}[]=1&${name}[x]=1`)),
    searchChange(`the parameter ${name}`, named('in upper case', `${name.toUpperCase()}=1`)),
  ])
  const unknown = [
    'surprise=1',
    '=',
    '&&&',
    '?',
    '__proto__=1',
    'constructor=1',
    '%',
    '%ff=%ff',
    'a'.repeat(8_000),
  ].map((text) => searchChange('the query', short(text)))
  return [...replaced, ...unknown]
}

export const changesOf = (operation: Operation): Change[] => {
  const fields = fieldsOf(bodySchemaOf(operation))
  return [
    ...fields.flatMap((at) => hostileValues.map((to) => fieldChange(at, to))),
    ...(operation.requestBody ? [...hostileBodies, tooLarge].map(bodyChange) : []),
    ...Object.entries(hostileHeaders).flatMap(([header, given]) =>
      given.map((value) => headerChange(header, short(value))),
    ),
    ...(operation.path.includes('{id}') ? hostileIds.map(idChange) : []),
    ...queryChanges(operation),
  ]
}

/** Random changes of the same places. */
export const randomChange = (operation: Operation): fc.Arbitrary<Change> => {
  const anyText = fc.string({ unit: 'binary', maxLength: 300 })
  const anyUrlText = fc
    .oneof(
      anyText.map((text) => encoded(short(text)).value),
      fc.uint8Array({ maxLength: 60 }).map(percentEncoded),
    )
    .map(short)
  const anyHeader = fc
    .array(fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.integer({ min: 0xa0, max: 0xff })), {
      maxLength: 200,
    })
    .map((codes) => short(String.fromCharCode(...codes)))
  const anyJson = fc
    .oneof(
      fc.json({ maxDepth: 4 }),
      anyText.map((text) => JSON.stringify(text)),
      fc.double().map(String),
      fc.bigInt().map(String),
    )
    .map(short)
  const corruption = fc
    .tuple(fc.nat(), fc.uint8Array({ maxLength: 4 }), fc.nat(4))
    .map(([at, inserted, removed]) =>
      named(`bytes ${inserted.join(' ')} at ${at} for ${removed}`, (text: string) => {
        const bytes = bytesOf(text)
        const from = at % (bytes.byteLength + 1)
        return join(bytes.slice(0, from), new Uint8Array(inserted), bytes.slice(from + removed))
      }),
    )
  const fields = fieldsOf(bodySchemaOf(operation))
  return fc.oneof(
    fc
      .tuple(
        fc.constantFrom(...Object.keys(hostileHeaders).filter((name) => name !== 'Content-Length')),
        anyHeader,
      )
      .map(([header, to]) => headerChange(header, to)),
    anyUrlText.map((to) => searchChange('the query', to)),
    ...(fields.length > 0
      ? [fc.tuple(fc.constantFrom(...fields), anyJson).map(([at, to]) => fieldChange(at, to))]
      : []),
    ...(operation.requestBody ? [corruption.map(bodyChange)] : []),
    ...(operation.path.includes('{id}') ? [anyUrlText.map(idChange)] : []),
    ...queryOf(operation).map(({ name }) =>
      anyUrlText.map((to) =>
        searchChange(`the parameter ${name}`, named(to.name, `${name}=${to.value}`)),
      ),
    ),
  )
}
