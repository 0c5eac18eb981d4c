// What is hostile as a body, in a URL, as a header.
import { type Hostile, hostileTexts, named } from './hostile-values.ts'
import { type Bytes, fuzzer } from './valid-requests.ts'

export const bytesOf = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text))
export const join = (...parts: Bytes[]): Bytes => new Uint8Array(Buffer.concat(parts))
const utf16 = (text: string): Bytes => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'))
const paddedTo = (size: number) => (text: string) =>
  bytesOf(text + ' '.repeat(Math.max(0, size - bytesOf(text).byteLength)))
const MIB = 1024 * 1024

/** Whole bodies, made from the valid one. */
export const hostileBodies: readonly Hostile<(text: string) => string | Bytes>[] = [
  ...[
    '',
    ' ',
    'null',
    'true',
    '7',
    '"text"',
    '[]',
    '{}',
    '{',
    '}',
    '[',
    '{"',
    '{"a"',
    '{"a":',
    '{"a":1,}',
    "{'a':1}",
    '{a:1}',
    '//',
    '\u0000',
    '<a/>',
    'a=1&b=2',
  ].map((text) => named(`the body ${JSON.stringify(text)}`, () => text)),
  named('the body in an array', (text) => `[${text}]`),
  named('the body twice', (text) => text + text),
  named('the body cut short', (text) => text.slice(0, -1)),
  named('the body with a trailing comma', (text) => text.replace(/\}$/, ',}')),
  named('an unknown field', (text) => text.replace(/^\{/, '{"surprise":1,')),
  named('the field __proto__', (text) =>
    text.replace(/^\{/, '{"__proto__":{"title":"x","name":"x"},'),
  ),
  named('the field constructor', (text) => text.replace(/^\{/, '{"constructor":{"prototype":{}},')),
  named('an empty field name', (text) => text.replace(/^\{/, '{"":1,')),
  named('a field name with NUL and a lone surrogate', (text) =>
    text.replace(/^\{/, '{"\\u0000\\ud800":1,'),
  ),
  named('a field name of 100,000 letters', (text) =>
    text.replace(/^\{/, `{"${'x'.repeat(100_000)}":1,`),
  ),
  named('each field twice', (text) => text.replace(/\}$/, `,${text.slice(1)}`)),
  named('10,000 unknown fields', (text) =>
    text.replace(/^\{/, `{${Array.from({ length: 10_000 }, (_, i) => `"u${i}":0,`).join('')}`),
  ),
  named(
    'the body 100,000 deep in arrays',
    (text) => `${'['.repeat(100_000)}${text}${']'.repeat(100_000)}`,
  ),
  named('100,000 opening brackets', () => '['.repeat(100_000)),
  named('a byte order mark', (text) => join(new Uint8Array([0xef, 0xbb, 0xbf]), bytesOf(text))),
  named('UTF-16', utf16),
  named('bytes that are not UTF-8', (text) =>
    join(bytesOf(text.slice(0, -1)), new Uint8Array([0xff, 0xfe, 0xc0, 0xaf]), bytesOf('}')),
  ),
  named('an overlong NUL', (text) => join(new Uint8Array([0xc0, 0x80]), bytesOf(text))),
  named('a surrogate in UTF-8', (text) =>
    join(bytesOf('{"'), new Uint8Array([0xed, 0xa0, 0x80]), bytesOf(`":1,${text.slice(1)}`)),
  ),
  named('exactly 1 MiB', paddedTo(MIB)),
]
export const tooLarge = named('1 MiB and a byte', paddedTo(MIB + 1))

export const percentEncoded = (bytes: Iterable<number>) =>
  Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
/** As it stands in a URL; lone surrogates in the bytes that some clients send for them. */
export const encoded = ({ name, value }: Hostile<string>): Hostile<string> =>
  named(
    name,
    percentEncoded(
      Buffer.from(
        value.replace(/[\ud800-\udfff]+/g, (part) => (part.isWellFormed() ? part : '\u0001')),
      ),
    ).replaceAll('%01', '%ed%a0%80'),
  )
const rawUrlTexts = [
  '',
  '%',
  '%z',
  '%zz',
  '%f',
  '%ff%fe',
  '%00',
  '%ed%a0%80',
  '%c0%af',
  '+',
  '%2B',
  '%25',
  '&',
  '=',
  ';',
  '[]',
  '%2e%2e',
  '%2f',
  '%5c',
  '%0d%0aX-Injected:%20yes',
].map((text) => named(`the raw ${text}`, text))
export const hostileQueries = [...hostileTexts.map(encoded), ...rawUrlTexts]
export const hostileIds = [
  ...hostileTexts.map(encoded),
  ...rawUrlTexts,
  ...['..', '.', 'x', '../projects', 'a/b', ':id', '{id}', '*', 'tasks;v=1', 'tasks.json'].map(
    (text) => named(`the id ${text}`, text),
  ),
]

const unsignedToken = (header: object, payload: unknown = { sub: fuzzer.id }) =>
  [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
const tokens = [
  ...[
    { alg: 'none' },
    { alg: ['EdDSA'] },
    { alg: null },
    {},
    [],
    { alg: 'EdDSA', kid: {} },
    { alg: 'EdDSA', kid: 'x'.repeat(3_000) },
  ].map((header) => unsignedToken(header)),
  ...[
    { alg: 'EdDSA', crit: ['b64'], b64: false },
    { alg: 'EdDSA', jwk: {}, jku: 'http://127.0.0.1:1/' },
    { alg: 'HS256' },
    { alg: 'RS256' },
  ].map((header) => unsignedToken(header)),
  ...[null, 7, 'x', [], { exp: 1e308 }, { exp: 'soon' }].map((payload) =>
    unsignedToken({ alg: 'EdDSA' }, payload),
  ),
].map((token) => `Bearer ${token}.AAAA`)
const latin1 = (from: number, to: number) =>
  String.fromCharCode(...Array.from({ length: to - from + 1 }, (_, i) => from + i))
const headerTexts = [
  '',
  '""',
  '"',
  '*',
  '*,*',
  ',',
  '"a","b"',
  'W/"x"',
  '"\u00e9"',
  latin1(0xa0, 0xff),
  'null',
  '{}',
  '\t',
  'x'.repeat(255),
  'x'.repeat(256),
  'x'.repeat(9_000),
  '"x",'.repeat(2_000),
]
const mediaTypes = [
  ...[
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    '*/*',
    'json',
  ],
  ...[
    'application/json; charset=utf-16',
    'application/json; charset=',
    'application/json;',
    'APPLICATION/JSON',
    'application/json; charset="UTF-8"',
    'application/merge-patch+json',
    'application/json, text/plain',
  ],
]
export const hostileHeaders: Readonly<Record<string, readonly string[]>> = {
  'Content-Type': [...mediaTypes, ...headerTexts],
  'Content-Length': ['-1', 'abc', '1e9', '0', '99999999999', '1, 2', '0x10', ''],
  'Content-Encoding': ['gzip', 'br', 'x'],
  'If-Match': headerTexts,
  'If-None-Match': headerTexts,
  'Idempotency-Key': headerTexts,
  'X-Request-Id': headerTexts,
  Authorization: [
    'Bearer',
    'Bearer ',
    'bearer x',
    'Basic eDp5',
    'Bearer x y',
    'Bearer tpk_',
    `Bearer tpk_${'x'.repeat(49)}`,
    ...tokens,
    ...headerTexts,
  ],
  'X-API-Key': [...tokens.map((token) => token.slice(7)), ...headerTexts],
  Accept: ['text/html', 'image/png', ';;q=x', ...headerTexts],
  Origin: ['null', 'https://evil.example', ...headerTexts],
  'X-Forwarded-For': ['127.0.0.1', '::1, x', ...headerTexts],
  'X-HTTP-Method-Override': ['DELETE', 'TRACE'],
  'User-Agent': headerTexts,
  'Accept-Encoding': ['gzip;q=2', ''],
  Range: ['bytes=0-0'],
  Expect: ['100-continue'],
}

// Where it goes.

export type Path = readonly (string | 0)[]
