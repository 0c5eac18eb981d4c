// Folding is NFKC_Casefold of the Unicode standard; blank is what cannot be seen.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { randomOf } from '../../bench/data/random.ts'
import { fold, foldAsBefore, foldForSearch, isBlank } from '../../src/core/text.ts'
import { seedFrom } from '../support/size.ts'

/** What the standard's data file says of each character that changes. */
const mappings = new Map<number, string>()
for (const line of readFileSync(new URL('./nfkc-casefold.txt', import.meta.url), 'utf8').split(
  '\n',
)) {
  if (line === '' || line.startsWith('#')) continue
  const [range = '', ...mapped] = line.split('\t')
  const [first = 0, last = first] = range.split('..').map((hex) => Number.parseInt(hex, 16))
  if (mapped.length === 0) for (let point = first; point <= last; point++) mappings.set(point, '')
  else for (const [i, text] of mapped.entries()) mappings.set(first + i, text)
}

/** toNFKC_Casefold (Unicode, 3.13). */
const casefolded = (text: string): string =>
  [...text]
    .map((character) => mappings.get(character.codePointAt(0) as number) ?? character)
    .join('')
    .normalize('NFC')
const hex = (text: string) =>
  [...text].map((character) => (character.codePointAt(0) as number).toString(16)).join(' ')

/** What the runtime's own, younger version of the standard says has a folding. */
const changes = /\p{Changes_When_NFKC_Casefolded}/u

test('every character folds as the standard says', () => {
  expect(mappings.size).toBe(10_491)
  const wrong: string[] = []
  for (let point = 0; point <= 0x10ffff; point++) {
    if (point >= 0xd800 && point <= 0xdfff) continue
    const character = String.fromCodePoint(point)
    const isYounger = changes.test(character) && !mappings.has(point)
    const expected = isYounger ? fold(character) : casefolded(character)
    if (fold(character) !== expected || (isYounger && expected === character))
      wrong.push(hex(character))
  }
  expect(wrong).toEqual([])
})

test('texts of such characters do, and folding again changes nothing', () => {
  const seed = seedFrom('SEED')
  const random = randomOf(seed)
  const letters = [
    ...'aIiß.ΣςσABé\u0301\u0307\u0345\u1100\u1161\u11a8가',
    '\u0345',
    '\u05d0',
    '\u05b0',
  ]
  const points = [...mappings.keys()]
  const pick = () =>
    random() < 0.25
      ? (letters[Math.floor(random() * letters.length)] as string)
      : String.fromCodePoint(points[Math.floor(random() * points.length)] as number)
  for (let i = 0; i < 50_000; i++) {
    const text = Array.from({ length: 1 + Math.floor(random() * 4) }, pick).join('')
    const folded = fold(text)
    const said = `${hex(text)} (SEED=${seed})`
    // An iota subscript becomes a letter: which marks are sorted with it before, differs.
    if (!text.normalize('NFKD').includes('\u0345')) expect(folded, said).toBe(casefolded(text))
    expect(fold(folded), said).toBe(folded)
    expect(fold(foldAsBefore(text)), `before: ${said}`).toBe(folded)
  }
})

test.each([
  ['ΟΔΟΣ', 'οδος'],
  ['Straße', 'STRASSE'],
  ['STRAẞE', 'strasse'],
  ['ﬁsh', 'FISH'],
  ['ＦＵＬＬ　width', 'full WIDTH'],
  ['e\u0301t\u00ade\u0301', 'ÉTÉ'],
  ['zero\u200bwidth\u2060join\ufeffer', 'ZEROWIDTHJOINER'],
  ['Ꭰꭰ', 'ꭰᎠ'],
  ['ᾳ', 'ΑΙ'],
  ['Ŀ', 'l·'],
  ['㎏', 'KG'],
  ['ǆ', 'ǅ'],
])('%s and %s are the same', (one, other) => {
  expect(fold(one)).toBe(fold(other))
})

test('search takes the i of Turkish as it is typed, and nothing else beyond the standard', () => {
  for (const text of ['İSTANBUL', 'Istanbul', 'ISTANBUL', 'ıstanbul', 'i\u0307stanbul'])
    expect(foldForSearch(text)).toBe('istanbul')
  expect(fold('ı')).toBe('ı')
  expect(fold('İ')).toBe('i\u0307')
  for (const text of ['j\u0307', 'ɩ', 'í', 'ì\u0307']) expect(foldForSearch(text)).toBe(fold(text))
})

test('long runs of marks are cut, also those that hide between ignorable characters or letters', () => {
  for (const pair of ['\u0301\u200d', '\u0316\u00ad\u0301', '\uff9e\u0301', '\u034f\u0301\u0316'])
    expect([...fold(`a${pair.repeat(5_000)}`)].length).toBeLessThanOrEqual(32)
})

test.each([
  ['nothing', ''],
  ['white space of every kind', '\t\n \u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000'],
  ['zero width', '\u200b\u200c\u200d\u2060\ufeff'],
  ['directions', '\u061c\u200e\u200f\u202a\u202e\u2066\u2069'],
  ['fillers', '\u115f\u1160\u3164\uffa0'],
  ['an empty Braille pattern', '\u2800'],
  ['vowels that are not written', '\u17b4\u17b5'],
  ['variation selectors and tags', '\ufe00\ufe0f\u180b\u{e0100}\u{e0020}\u{e007f}'],
  ['soft hyphens and joiners', '\u00ad\u034f\u2061\u2064\u206a\u206f'],
  ['anchors and controls', '\ufff9\ufffb\u0085\u009f\u007f'],
  ['music', '\u{1d159}\u{1d173}\u{1d17a}\u{1bca0}'],
])('%s is blank', (_, text) => {
  expect(isBlank(text)).toBe(true)
  expect(isBlank(`${text}.${text}`)).toBe(false)
})

test.each(['a', '0', '-', '🦊', '漢', '\u0301', '\u0600', '\u2801', '\ufffd', '\ue000'])(
  '%s is not',
  (text) => {
    expect(isBlank(text)).toBe(false)
  },
)
