// A file comes in chunks, and is read in pieces, of any size: what is read of it is always the same.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDecoder } from '../../../src/features/imports/decode.ts'
import { type Format, readerOf } from '../../../src/features/imports/formats/index.ts'
import { createJsonValues } from '../../../src/features/imports/json-values.ts'
import { fileIn } from '../../../src/http/multipart.ts'
import { sample } from './harness.ts'

const setting = { timeZone: 'Europe/Berlin', now: Date.UTC(2026, 10, 23), project: 'P' }
const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 })

const cut = <T extends string | Uint8Array>(whole: T, lengths: readonly number[]): T[] => {
  const parts: T[] = []
  for (let at = 0, i = 0; at < whole.length; i++) {
    const end = at + (lengths[i % lengths.length] as number)
    parts.push(whole.slice(at, end) as T)
    at = end
  }
  return parts
}
const decoded = (parts: readonly Uint8Array[]): string => {
  const decoder = createDecoder()
  return [...parts.flatMap((part) => decoder.add(part)), ...decoder.end()].join('')
}

test.each([
  ['json', 'taskport-1.json'],
  ['ics', 'thunderbird.ics'],
  ['ics', 'reminders.ics'],
  ['todoist-csv', 'todoist.csv'],
  ['todoist-csv', 'todoist-old.csv'],
  ['todotxt', 'todo.txt'],
  ['taskwarrior', 'taskwarrior.json'],
] as const)('%s, %s', async (format: Format, name) => {
  const file = sample(name)
  const text = decoded([file])
  const read = async (parts: readonly string[]) => {
    const reader = await readerOf(format, setting)
    return [...parts.flatMap((part) => [...reader.read(part)]), ...reader.end()]
  }
  const whole = await read([text])
  expect(whole.length).toBeGreaterThan(0)
  await fc.assert(
    fc.asyncProperty(sizes, async (lengths) => {
      expect(decoded(cut(file, lengths))).toBe(text)
      expect(await read(cut(text, lengths))).toEqual(whole)
    }),
    { numRuns: 25 },
  )
})

test('any text in UTF-8 and UTF-16 is decoded, whatever the chunks', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 4, maxLength: 200 }),
      sizes,
      (given, lengths) => {
        const kept = given
          .toWellFormed()
          .replace(/^\ufeff+/, '')
          .replaceAll('\0', '\ufffd')
        const lines = `abcd${kept}`.replace(/\r\n?/g, '\n')
        expect(decoded(cut(new TextEncoder().encode(`abcd${kept}`), lengths))).toBe(lines)
        const wide = Buffer.from(`\ufeffabcd${kept}`, 'utf16le')
        expect(decoded(cut(new Uint8Array(wide), lengths))).toBe(lines)
      },
    ),
    { numRuns: 100 },
  )
})

test('the values of any JSON are found, whatever the pieces', () => {
  fc.assert(
    fc.property(
      fc.array(fc.jsonValue({ maxDepth: 4 }), { maxLength: 8 }),
      fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue({ maxDepth: 4 }), { maxKeys: 5 }),
      fc.boolean(),
      sizes,
      (list, members, pretty, lengths) => {
        const valuesOf = (given: unknown) => {
          const text = JSON.stringify(given, undefined, pretty ? 2 : undefined)
          const values = createJsonValues()
          return [...cut(text, lengths).flatMap((part) => [...values.read(part)]), ...values.end()]
        }
        const same = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown
        expect(valuesOf(list).map(({ value }) => value)).toEqual(same(list))
        const found: Record<string, unknown> = Object.create(null)
        for (const { member = '', element, value } of valuesOf({ ...members, list })) {
          if (element) found[member] = [...((found[member] as unknown[]) ?? []), value]
          else found[member] = value
        }
        for (const [name, value] of Object.entries({ ...members, list }))
          if (!(Array.isArray(value) && value.length === 0))
            expect(found[name]).toEqual(same(value))
      },
    ),
    { numRuns: 100 },
  )
})

test('a file in a form is passed on as it is, whatever the chunks', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), sizes, (file, lengths) => {
      const head = (name: string, more = '') =>
        `--bound\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`
      const body = Buffer.concat([
        Buffer.from(`${head('note')}--boun\r\n--bou${'\r\n'}${head('file', '; filename="a.txt"')}`),
        file,
        Buffer.from(`\r\n${head('file', '; filename="b.txt"')}second\r\n--bound--\r\n`),
      ])
      const passed: number[] = []
      let named = ''
      const form = fileIn('bound', {
        pass: (chunk) => {
          passed.push(...chunk)
          return undefined
        },
        named: (name) => {
          named = name
        },
      })
      for (const part of cut(new Uint8Array(body), lengths)) form.sink(part)
      form.end()
      expect([named, passed]).toEqual(['a.txt', [...file]])
    }),
    { numRuns: 200 },
  )
})
