// Cells of other backends' tables, as their drivers answer them.
import { expect, test } from 'vitest'
import {
  decoded,
  flagOf,
  idOf,
  instantIn,
  timeText,
} from '../../../scripts/import-legacy/values.ts'

test.each([
  ['2026-12-01', '2026-12-01'],
  ['2026-12-01 09:00:00', '2026-12-01T09:00:00'],
  ['2026-12-01T09:00', '2026-12-01T09:00:00'],
  ['2026-12-01 09:00:00.123456', '2026-12-01T09:00:00.123456'],
  ['2026-12-01 09:00:00.1234567890', '2026-12-01T09:00:00.123456789'],
  ['2026-12-01 09:00:00+00', '2026-12-01T09:00:00Z'],
  ['2026-12-01 09:00:00+05:30', '2026-12-01T09:00:00+05:30'],
  ['2026-12-01 09:00:00-03', '2026-12-01T09:00:00-03:00'],
  ['2026-12-01 09:00:00+0000', '2026-12-01T09:00:00Z'],
  ['2026-12-01 09:00:00 UTC', '2026-12-01T09:00:00Z'],
  [1_796_115_600, '2026-12-01T09:00:00.000Z'],
  [1_796_115_600_000, '2026-12-01T09:00:00.000Z'],
  ['1796115600000', '2026-12-01T09:00:00.000Z'],
  [1_796_115_600.25, '2026-12-01T09:00:00.250Z'],
  [20_261_201, undefined],
  ['20261201', undefined],
  [0, undefined],
  ['infinity', undefined],
  ['tomorrow', undefined],
  ['2026-12-01 25', undefined],
  [Number.NaN, undefined],
  [{}, undefined],
  [null, undefined],
])('the time %o is %o', (given, text) => {
  expect(timeText(given)).toBe(text)
})

test.each([
  ['2026-12-01 09:00:00', Date.UTC(2026, 11, 1, 9)],
  ['2026-12-01 09:00:00+05:30', Date.UTC(2026, 11, 1, 3, 30)],
  ['2026-12-01', Date.UTC(2026, 11, 1)],
  ['2026-02-30 09:00:00', undefined],
  ['2026-13-01 09:00:00', undefined],
  ['0000-00-00 00:00:00', undefined],
])('the instant %s is %o', (given, ms) => {
  expect(instantIn(given)).toBe(ms)
})

test.each([
  [1, 'boolean', true],
  [0n, 'tinyint(1)', false],
  ['t', 'bool', true],
  [Buffer.from([1]), 'bit(1)', true],
  [new Uint8Array([0]).buffer, 'bit(1)', false],
  [2, 'tinyint(4)', 2],
  ['7', 'integer', 7],
  ['9007199254740993', 'bigint', '9007199254740993'],
  [9_007_199_254_740_993n, 'integer', '9007199254740993'],
  ['1.50', 'numeric', 1.5],
  ['["a", 1]', 'json', ['a', 1]],
  ['{broken', 'jsonb', '{broken'],
  [{ a: 1 }, 'json', { a: 1 }],
  ['true', 'text', 'true'],
  ['2026-12-01 09:00:00', 'timestamp without time zone', '2026-12-01T09:00:00'],
  [1_796_115_600_000n, 'datetime', '2026-12-01T09:00:00.000Z'],
  ['never', 'datetime', 'never'],
  [Buffer.from('häuser'), 'longblob', 'häuser'],
  [null, 'text', null],
])('%o in a column of type %s is %o', (cell, type, value) => {
  expect(decoded(cell, { type })).toEqual(value)
})

const HEX = '0199c2f45a2b4c3d8e4f5a6b7c8d9e01'
const UUID = '0199c2f4-5a2b-4c3d-8e4f-5a6b7c8d9e01'
test.each([
  [7n, 'integer', '7'],
  [HEX, 'char(32)', UUID],
  [HEX.toUpperCase(), 'char(32)', UUID],
  [HEX, 'text', HEX],
  [Buffer.from(HEX, 'hex'), 'binary(16)', UUID],
  [UUID, 'uuid', UUID],
  [Buffer.from([0x80, 0x41]), 'varbinary(16)', '\\x8041'],
  [Buffer.from([0x90, 0x41]), 'varbinary(16)', '\\x9041'],
  ['dJ2qPz1Vw0', 'text', 'dJ2qPz1Vw0'],
])('the id %o in a column of type %s is %s', (cell, type, id) => {
  expect(idOf(cell, { name: 'id', type })).toBe(id)
})

test('flags', () => {
  expect(['Y', 'on', 1, true, 'TRUE'].map(flagOf)).toEqual(Array(5).fill(true))
  expect(['n', 'off', 0, false, ' false '].map(flagOf)).toEqual(Array(5).fill(false))
  expect(['maybe', 2, null, {}].map(flagOf)).toEqual(Array(4).fill(undefined))
})
