import { describe, expect, test } from 'vitest'
import type { Client, World } from '../../support/world.ts'
import { coded, type Headers, openWith, operationsIn, task } from './open.ts'

describe('bodies', () => {
  const post = (
    client: Client,
    body: RequestInit['body'],
    headers: Headers = { 'Content-Type': 'application/json' },
  ) => {
    const init = {
      method: 'POST',
      headers: { ...client.headers, ...headers },
      body,
      duplex: 'half',
    } as RequestInit
    return async (world: World) => {
      const response = await world.fetch('/api/v1/tasks', init)
      const answer = (await response.json()) as object
      return { ...answer, status: response.status } as {
        status: number
        code?: string
        title?: string
        errors?: { pointer: string; code: string }[]
      }
    }
  }
  const bytes = (...values: number[]) => new Uint8Array(values)
  const text = (given: string) => new TextEncoder().encode(given)

  test('that are not JSON are 400', async () => {
    const { world, ann } = await openWith()
    for (const body of [
      '{',
      '{"title":',
      "{'title':'x'}",
      '{"title":"x",}',
      '{"title":NaN}',
      '[',
      '\u0000',
    ])
      expect(await post(ann, body)(world), body).toMatchObject({
        status: 400,
        code: 'malformed_json',
      })
    for (const body of [
      bytes(0xff, 0xfe),
      bytes(...text('{"title":"'), 0xc0, 0xaf, ...text('"}')),
      new Uint8Array(Buffer.from('{"title":"x"}', 'utf16le')).fill(0xff, 0, 1),
    ])
      expect(await post(ann, body)(world), String(body)).toMatchObject({
        status: 400,
        code: 'malformed_text',
      })
  })

  test('that break off are 400, however long they were to be', async () => {
    const { world, ann } = await openWith()
    for (const length of [{}, { 'Content-Length': '100' }]) {
      const body = new ReadableStream({
        pull: (controller) =>
          controller.error(Object.assign(new Error('aborted'), { code: 'ECONNRESET' })),
      })
      const headers = { ...ann.headers, 'Content-Type': 'application/json', ...length }
      const response = await world.fetch('/api/v1/tasks', {
        method: 'POST',
        headers,
        body,
        duplex: 'half',
      } as RequestInit)
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { code: 'incomplete_body' },
      ])
    }
  })

  test('that are not declared as JSON in UTF-8 are 415', async () => {
    const { world, ann } = await openWith()
    const body = text('{"title":"x"}')
    const length = { 'Content-Length': String(body.byteLength) }
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=utf-16',
      'application/jsonp',
      'application/merge-patch+json',
      'json',
    ]
    for (const headers of [{}, length, ...types.map((type) => ({ 'Content-Type': type }))])
      expect(await post(ann, body, headers)(world), JSON.stringify(headers)).toMatchObject({
        status: 415,
        code: 'unsupported_media_type',
      })
    for (const type of [
      'application/json',
      'Application/JSON; charset=UTF-8',
      'application/json;charset="utf-8"',
    ])
      expect(await post(ann, body, { 'Content-Type': type })(world), type).toMatchObject({
        status: 201,
      })
    const { id } = await task(ann)
    for (const type of ['application/merge-patch+json', 'application/json'])
      expect(
        (await ann.patch(`/api/v1/tasks/${id}`, { title: type }, { 'Content-Type': type })).body
          .title,
      ).toBe(type)
  })

  test('that are compressed are 415, and the answer says how to send them', async () => {
    const { world, ann } = await openWith()
    const { id } = await task(ann)
    const gzipped = new Uint8Array(
      await new Response(
        new Blob(['{"title":"x"}']).stream().pipeThrough(new CompressionStream('gzip')),
      ).arrayBuffer(),
    )
    const typed = { ...ann.headers, 'Content-Type': 'application/json' }
    const places = [
      ...operationsIn(world)
        .filter(({ requestBody }) => requestBody)
        .map(({ method, path }) => [method, path.replace('{id}', id)] as const),
      ['POST', `/api/${ann.id}/tasks`],
      ['PUT', `/api/${ann.id}/tasks/${id}`],
      ['PATCH', `/api/${ann.id}/tasks/${id}/complete`],
    ] as const
    expect(places.length).toBeGreaterThan(15)
    for (const [method, path] of places)
      for (const coding of [
        'gzip',
        'X-Gzip',
        'br',
        'deflate',
        'zstd',
        'identity, gzip',
        'aes128',
      ]) {
        const headers = { ...typed, 'Content-Encoding': coding }
        const response = await world.fetch(path, { method, headers, body: gzipped })
        const where = `${method} ${path} ${coding}`
        expect([response.status, response.headers.get('Accept-Encoding')], where).toEqual([
          415,
          'identity',
        ])
        expect(await response.json(), where).toMatchObject({
          code: 'unsupported_media_type',
          detail: expect.stringContaining('Content-Encoding'),
        })
      }
    for (const coding of ['identity', ' Identity ', 'identity, identity', ''])
      expect(
        (await ann.post('/api/v1/tasks', { title: 'x' }, { 'Content-Encoding': coding })).status,
        coding,
      ).toBe(201)
  })

  test('whose transfer is coded as more than chunks are 415', async () => {
    const { ann } = await openWith()
    const post = (coding: string) =>
      ann.post('/api/v1/tasks', { title: 'x' }, { 'Transfer-Encoding': coding })
    for (const coding of ['gzip, chunked', 'deflate', 'gzip', 'chunked, br', 'identity, chunked'])
      expect(coded(await post(coding)), coding).toEqual([415, 'unsupported_media_type'])
    for (const coding of ['chunked', ' Chunked', ''])
      expect((await post(coding)).status, coding).toBe(201)
  })

  test('of more than 1 MiB are 413, whether or not they say so; of 1 MiB they are read', async () => {
    const { world, ann } = await openWith()
    const sized = (size: number) => text('{"title":"x"}'.padEnd(size))
    const streamed = (size: number) => {
      let left = size
      return new ReadableStream({
        pull: (controller) => {
          const chunk = Math.min(left, 65_536)
          left -= chunk
          controller.enqueue(new Uint8Array(chunk).fill(32))
          if (left === 0) controller.close()
        },
      })
    }
    const [most, json] = [1024 * 1024, { 'Content-Type': 'application/json' }]
    const declared = (size: number) => ({ ...json, 'Content-Length': String(size) })
    expect(await post(ann, sized(most))(world)).toMatchObject({ status: 201, title: 'x' })
    expect(await post(ann, sized(most), declared(most))(world)).toMatchObject({
      status: 201,
      title: 'x',
    })
    for (const answer of [
      await post(ann, sized(most + 1))(world),
      await post(ann, sized(most + 1), declared(most + 1))(world),
      await post(ann, streamed(64 * most))(world),
      await post(ann, '{}', declared(2 * most))(world),
    ])
      expect(answer).toMatchObject({ status: 413, code: 'too_large' })
  })

  test('that do not fit are 422, with a pointer for each fault', async () => {
    const { world, ann } = await openWith()
    const faults = async (body: string) => {
      const { status, code, errors = [] } = await post(ann, body)(world)
      return [status, code, errors.map((fault) => [fault.pointer, fault.code])]
    }
    expect(await faults('')).toEqual([422, 'invalid', [['', 'required']]])
    expect(await faults('{}')).toEqual([422, 'invalid', [['/title', 'required']]])
    expect(await faults('[]')).toEqual([422, 'invalid', [['', 'invalid_type']]])
    expect(await faults('{"title":7,"a/b~c":1,"labels":["ok",7]}')).toEqual([
      422,
      'invalid',
      [
        ['/title', 'invalid_type'],
        ['/labels/1', 'invalid_type'],
        ['/a~1b~0c', 'unknown_field'],
      ],
    ])
    const { errors = [] } = await post(
      ann,
      JSON.stringify({
        title: 'x',
        ...Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`u${i}`, i])),
      }),
    )(world)
    expect(errors.length, 'a long list is cut').toBe(20)
    expect((await ann.get('/api/v1/tasks')).body.items, 'nothing was made').toEqual([])
  })
})
