// What is hostile as a text or as a value of JSON.
import fc from 'fast-check'
import { fuzzer, label, project, sibling, trashed } from './valid-requests.ts'

/** Something hostile, under a name, because a megabyte is no help in a message. */
export type Hostile<T> = { readonly name: string; readonly value: T }
export const named = <T>(name: string, value: T): Hostile<T> =>
  ({ name, value, [fc.toStringMethod]: () => name }) as Hostile<T>
export const short = <T>(value: T): Hostile<T> =>
  named(JSON.stringify(value)?.slice(0, 200) ?? String(value), value)
const nested = (open: string, close: string, depth = 100_000) =>
  open.repeat(depth) + close.repeat(depth)

const times = [
  ...[
    '2026-02-30',
    '2026-13-01',
    '2025-02-29',
    '0000-01-01',
    '0999-12-31',
    '9999-12-31',
    '-000001-01-01',
    '+010000-01-01',
    '2026-1-1',
  ],
  ...[
    '2026-12-01T24:00:00',
    '2026-12-01T09:00:60',
    '2026-12-01T09:00:00Z',
    '2026-12-01T09:00',
    '2026-02-30T09:00:00',
    '0000-01-01T00:00:00',
  ],
  ...[
    '9999-12-31T23:59:59.999Z',
    '9999-12-31T23:59:59-23:59',
    '0000-01-01T00:00:00Z',
    '2026-12-01T09:00:00+99:99',
    '2026-12-01T09:00:00.123456789Z',
  ],
  ...['Mars/Olympus', 'Etc/GMT+25', '../../etc/passwd', 'europe/berlin', '+02:00', 'UTC\u0000'],
]
const words = [
  ...[
    '',
    ' ',
    '\n',
    '\t x',
    '\u0000',
    'a\u0000b',
    '\ud800',
    'x\udc00y',
    '\ufeff',
    '\ufffe',
    '\u202e',
    '\u2028',
    '�',
    'e\u0301'.repeat(300),
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'null',
    'undefined',
    'NaN',
    'true',
    '-1',
    '1e400',
    '[object Object]',
  ],
  ...[
    "'; drop table tasks; --",
    '" or 1=1 --',
    '%',
    '_',
    '!%',
    '\\',
    '#{7*7}',
    '{{7*7}}',
    '<script>alert(1)</script>',
    '\r\nX-Injected: yes',
  ],
  ...[
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '{0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f}',
    'tpk_x',
    'a@b',
  ],
]
const longTexts = [
  named('500,000 letters', 'x'.repeat(500_000)),
  named('100,000 emoji', '🦊'.repeat(100_000)),
  named('100,000 of the ligature that folds to 18 letters', '\ufdfa'.repeat(100_000)),
  named('501 letters', 'x'.repeat(501)),
]
const otherIds = [
  ...['task', 'project', 'label', 'user', 'trash'].map((kind, i) =>
    named(`the id of a ${kind}`, [sibling, project, label, fuzzer, trashed][i].id as string),
  ),
  named('an id in upper case', sibling.id.toUpperCase() as string),
  named('a random id', '0199c2f4-5a2b-4c3d-8e4f-5a6b7c8d9e0f'),
]

/** Values of a field, as raw JSON text or what is nearly JSON. */
export const hostileValues: readonly Hostile<string>[] = [
  ...[
    'null',
    'true',
    '0',
    '-1',
    '1.5',
    '-0',
    '1e400',
    '-1e400',
    '1e-400',
    '99999999999999999999999999',
    'NaN',
    'Infinity',
    '-Infinity',
  ].map(short),
  ...[
    'undefined',
    '0x10',
    '01',
    '',
    "'x'",
    '"unclosed',
    '"\\x41"',
    '"\\ud800"',
    '"\\udc00\\ud800"',
    '"\\u0000"',
    '"line\nbreak"',
  ].map(short),
  ...[
    '{}',
    '[]',
    '[[]]',
    '[null]',
    '[{}]',
    '{"":""}',
    '{"__proto__":{"admin":true}}',
    '{"constructor":{"prototype":{}}}',
    '["__proto__"]',
  ].map(short),
  ...[
    '{"toJSON":"x"}',
    '{"length":1e9}',
    '{"then":"x"}',
    '{"date":null}',
    '{"datetime":null,"time_zone":null}',
    '{"time_zone":"UTC"}',
  ].map(short),
  ...['1000-01-01T00:00:00', '9998-12-31T23:59:59', '2026-03-29T02:30:00'].flatMap((datetime) =>
    ['Pacific/Kiritimati', 'Etc/GMT+12', 'Europe/Berlin', 'Mars/Olympus', 'africa/monrovia'].map(
      (zone) => short(JSON.stringify({ datetime, time_zone: zone })),
    ),
  ),
  ...[...times, ...words].map((text) => short(JSON.stringify(text))),
  ...[...longTexts, ...otherIds].map(({ name, value }) => named(name, JSON.stringify(value))),
  named('an array 100,000 deep', nested('[', ']')),
  named('an object 100,000 deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
  named('an array 1,000 deep', nested('[', ']', 1_000)),
  named(
    'an array of 10,000 texts',
    JSON.stringify(Array.from({ length: 10_000 }, (_, i) => `l${i}`)),
  ),
  named('an array of 10,000 nulls', JSON.stringify(Array(10_000).fill(null))),
  named(
    'an object of 10,000 fields',
    JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`f${i}`, i]))),
  ),
]

const texts = [...times, ...words].map(short)
export const hostileTexts: readonly Hostile<string>[] = [
  ...texts,
  ...longTexts.map(({ name, value }) => named(name, value.slice(0, 5_000))),
  ...otherIds,
]
