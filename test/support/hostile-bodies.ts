// Bodies of 1 MiB that are made to cost as much as they can.
const MIB = 2 ** 20

const many = (count: number, item: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => item(i)).join(',')
const filled = (before: string, text: string, after: string): string =>
  before + text.repeat(Math.floor((MIB - before.length - after.length) / text.length)) + after
const nested = (open: string, inner: string, close: string, depth: number): string =>
  `{"title":${open.repeat(depth)}${inner}${close.repeat(depth)}}`
/** Pseudo-random names, the same in each run. */
const name = (i: number): string => ((i * 2_654_435_761) % 4_294_967_296).toString(36)

/** Each by its name; all are at most 1 MiB, and none is a task. */
export const hostileBodies: Readonly<Record<string, () => string>> = {
  '90,000 unknown keys': () => `{${many(90_000, (i) => `"k${i}":1`)}}`,
  'unknown keys without an order': () => `{"title":"x",${many(70_000, (i) => `"${name(i)}":1`)}}`,
  'one key 170,000 times': () => `{${many(170_000, () => '"a":1')}}`,
  'a list of 500,000 numbers': () => `{"title":"x","labels":[${many(500_000, () => '1')}]}`,
  'a list of 349,000 objects': () => `{"title":"x","labels":[${many(349_000, () => '{}')}]}`,
  'objects with a key of their own each': () =>
    `{"title":"x","labels":[${many(69_000, (i) => `{"k${i}":1}`)}]}`,
  'a list of 250,000 short labels': () => `{"title":"x","labels":[${many(250_000, () => '"a"')}]}`,
  'a list of labels of 1,000 characters': () =>
    `{"title":"x","labels":[${many(1_000, () => `"${'ä'.repeat(500)}"`)}]}`,
  'lists in lists': () => nested('[', '', ']', 500_000),
  'objects in objects': () => nested('{"a":', '1', '}', 170_000),
  'a title of 1 MiB': () => filled('{"title":"', 'x', '"}'),
  'a title of combining marks': () =>
    filled('{"title":"a', '\u0301\u0316', '"}').slice(0, -1).slice(0, 520_000).concat('"}'),
  'a title of escapes': () => filled('{"title":"', '\\u0041', '"}'),
  'a title of quotation marks': () => filled('{"title":"', '\\"', '"}'),
  'a label of combining marks': () =>
    `{"title":"x","labels":["a${'\u0301\u0316'.repeat(250_000)}"]}`,
  'a wall time with 80,000 keys': () => `{"title":"x","due":{${many(80_000, (i) => `"k${i}":1`)}}}`,
  'blanks around nothing': () => ' '.repeat(MIB),
  'a query in JSON': () => filled('{"title":"x","?', 'label=a&', '":1}'),
}
