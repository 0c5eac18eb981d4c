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
import { bodySchemaOf, fuzzer } from './valid-requests.ts'

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

type Cursor = { readonly base: string; readonly cursor: string }
/** A cursor of this list in each of its orders. */
const cursorsOf = async (operation: Operation): Promise<Cursor[]> => {
  if (!queryOf(operation).some(({ name }) => name === 'cursor')) return []
  const sorts = (queryOf(operation).find(({ name }) => name === 'sort')?.schema['enum'] ??
    []) as string[]
  const bases = ['limit=1', ...sorts.map((sort) => `limit=1&sort=${sort}`)]
  const answers = await Promise.all(bases.map((base) => fuzzer.get(`${operation.path}?${base}`)))
  return bases.flatMap((base, i) =>
    answers[i]?.body.next_cursor ? [{ base, cursor: String(answers[i].body.next_cursor) }] : [],
  )
}

const base64url = (data: unknown) => Buffer.from(JSON.stringify(data)).toString('base64url')
const cursorChanges = (cursors: readonly Cursor[]): Change[] =>
  cursors.flatMap(({ base, cursor }) => {
    const [list, key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [
      string,
      string,
      string,
    ]
    const keys = [
      '',
      '\u0000',
      '\ud800',
      'x'.repeat(1_000),
      '9',
      '-1',
      '9999-99-99T99:99:99.999Z',
      '2026-12-01',
      'null',
      "'",
    ]
    const tampered = [
      ...[
        [],
        {},
        null,
        7,
        'x',
        [list],
        [1, 2, 3],
        [list, key, id, id],
        [list, null, id],
        [list, key, 7],
        ['', '', ''],
        ['x', key, id],
      ].map(base64url),
      ...keys.map((other) => base64url([list, other, id])),
      ...['', 'x', '\u0000', id.toUpperCase(), '00000000-0000-0000-0000-000000000000'].map(
        (other) => base64url([list, key, other]),
      ),
      ...[
        cursor.slice(1),
        cursor.slice(0, -1),
        cursor.slice(0, 5),
        cursor + cursor,
        `${cursor}==`,
        '*',
        'AAAA',
        '-_-_',
        Buffer.from([0xff, 0xfe]).toString('base64url'),
        'W1',
      ],
      ...cursors.map((other) => other.cursor),
      'W'.repeat(1_999),
      'W'.repeat(2_001),
    ]
    return tampered.map((text) =>
      searchChange(`the cursor of ${base}`, short(`${base}&cursor=${text}`)),
    )
  })

export const changesOf = async (operation: Operation): Promise<Change[]> => {
  const fields = fieldsOf(bodySchemaOf(operation))
  return [
    ...fields.flatMap((at) => hostileValues.map((to) => fieldChange(at, to))),
    ...(operation.requestBody ? [...hostileBodies, tooLarge].map(bodyChange) : []),
    ...Object.entries(hostileHeaders).flatMap(([header, given]) =>
      given.map((value) => headerChange(header, short(value))),
    ),
    ...(operation.path.includes('{id}') ? hostileIds.map(idChange) : []),
    ...queryChanges(operation),
    ...cursorChanges(await cursorsOf(operation)),
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
