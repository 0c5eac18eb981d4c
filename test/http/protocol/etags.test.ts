// ETags as proxies hand them on: whatever compressed the answer, they name the same version.
import { describe, expect, test } from 'vitest'
import { coded, openWith, task } from './open.ts'

/** What compressing proxies make of a tag. */
const changed: readonly [string, (tag: string) => string][] = [
  ['weak (nginx, Cloudflare)', (tag) => `W/"${tag}"`],
  ...[
    '-gzip',
    '--gzip',
    ';gzip',
    ';br',
    '-br',
    '-zstd',
    '-deflate',
    '-GZIP',
    '+gzip',
    ':zstd',
  ].flatMap((coding): [string, (tag: string) => string][] => [
    [coding, (tag) => `"${tag}${coding}"`],
    [`weak ${coding}`, (tag) => `W/"${tag}${coding}"`],
  ]),
  ['two proxies', (tag) => `W/"${tag}-gzip;br"`],
  ['behind the quotes', (tag) => `"${tag}"-gzip`],
  ['blanks', (tag) => `  "${tag}-br"  `],
  ['the last of a list', (tag) => `"x", W/"a,b" ,W/"${tag}-gzip"`],
  ['the first of a list', (tag) => `"${tag};br","x-gzip"`],
  ['empty members', (tag) => ` , ,"${tag}", `],
]
/** Tags that name another version, or none. */
const others: readonly [string, (tag: string) => string][] = [
  ['another one', () => '"x"'],
  ['another one, coded', () => 'W/"x-gzip"'],
  ['a part', (tag) => `"${tag.slice(0, -1)}"`],
  ['more behind it', (tag) => `"${tag}-other"`],
  ['a coding in the middle', (tag) => `"${tag.slice(0, 4)}-gzip${tag.slice(4)}"`],
  ['more behind the quotes', (tag) => `"${tag}"x`],
  ['inside another tag', (tag) => `"x, ${tag}"`],
  ['nothing', () => ''],
]

describe('ETags that proxies changed', () => {
  test('are known in If-None-Match: of the API, the document, the pages and their files', async () => {
    const { world, ann } = await openWith()
    const places: [string, Record<string, string>][] = [
      [`/api/v1/tasks/${(await task(ann)).id}`, ann.headers],
      ['/openapi.json', {}],
      ['/docs', {}],
      ['/assets/page.css', {}],
    ]
    for (const [path, headers] of places) {
      const first = await world.fetch(path, { headers })
      const etag = first.headers.get('ETag') as string
      expect([first.status, etag], path).toEqual([200, expect.stringMatching(/^"[\w-]{24,36}"$/)])
      const ask = (given: string) =>
        world.fetch(path, { headers: { ...headers, 'If-None-Match': given } })
      for (const [name, change] of [...changed, ['any', () => ' * '] as const]) {
        const answer = await ask(change(etag.slice(1, -1)))
        expect(
          [answer.status, await answer.text(), answer.headers.get('ETag')],
          `${path}: ${name}`,
        ).toEqual([304, '', etag])
        expect(answer.headers.get('Cache-Control')).toBe(first.headers.get('Cache-Control'))
      }
      for (const [name, change] of others)
        expect((await ask(change(etag.slice(1, -1)))).status, `${path}: ${name}`).toBe(200)
    }
  })

  test('are the revision that If-Match names', async () => {
    const { ann } = await openWith()
    const { id } = await task(ann)
    const path = `/api/v1/tasks/${id}`
    const rev = async (): Promise<string> => (await ann.get(path)).body.rev
    const bare: typeof changed = [
      ['without quotes', (tag) => tag],
      ['without quotes, coded', (tag) => `${tag}-gzip`],
      ['any', () => ' * '],
    ]
    for (const [name, change] of [...changed, ...bare]) {
      const answer = await ann.patch(path, { title: name }, { 'If-Match': change(await rev()) })
      expect([answer.status, answer.body.title], name).toEqual([200, name])
    }
    const old = await rev()
    await ann.patch(path, { title: 'Newer' })
    for (const [name, change] of changed)
      expect(
        coded(await ann.patch(path, { title: 'x' }, { 'If-Match': change(old) })),
        `an old one: ${name}`,
      ).toEqual([412, 'precondition_failed'])
    for (const [name, change] of others) {
      const present = change(await rev())
      expect(coded(await ann.patch(path, { title: 'x' }, { 'If-Match': present })), name).toEqual([
        412,
        'precondition_failed',
      ])
    }
    expect((await ann.get(path)).body.title).toBe('Newer')
  })

  test('a header of many tags is read in no time that grows with its square', async () => {
    const { isKnown } = await import('../../../src/http/etags.ts')
    // Ends only where the time grows with the length: 16 KiB is what a request may have.
    for (const one of ['-gzip', '"', '"-gzip,', 'W/', ', ', '"a"-gzip'])
      expect(isKnown(one.repeat(1_000_000 / one.length), '"x"'), one).toBe(false)
  })
})
