import { expect, test } from 'vitest'
import type { Answer } from '../../support/client.ts'
import type { Service } from '../service.ts'

const MIB = 1024 * 1024
const problem = ({ status, body, headers }: Answer) => [
  status,
  headers.get('Content-Type'),
  body?.code,
]
const expected = (status: number, code: string) => [status, 'application/problem+json', code]

/** What HTTP itself asks. */
export const http = (service: () => Service): void => {
  test('ETags: what is known is not sent again, what is stale is not overwritten', async () => {
    const jan = await service().register('Jan')
    const made = await jan.post('/api/v1/tasks', { title: 'First' })
    const path = made.headers.get('Location') as string
    const etag = made.headers.get('ETag') as string
    expect(etag).toBe(`"${made.body.rev}"`)
    const known = await jan.get(path, { 'If-None-Match': etag })
    expect([known.status, known.text, known.headers.get('ETag')]).toEqual([304, '', etag])
    expect((await jan.patch(path, { title: 'Second' }, { 'If-Match': etag })).status).toBe(200)
    expect((await jan.get(path, { 'If-None-Match': etag })).status).toBe(200)
    expect(problem(await jan.patch(path, { title: 'Third' }, { 'If-Match': etag }))).toEqual(
      expected(412, 'precondition_failed'),
    )
    expect(problem(await jan.put(path, { title: 'Third' }))).toEqual(
      expected(428, 'precondition_required'),
    )
    expect((await jan.get(path)).body.title).toBe('Second')
  })

  test('a repeated Idempotency-Key gets the first answer', async () => {
    const kim = await service().register('Kim')
    const key = { 'Idempotency-Key': 'salt-1' }
    const first = await kim.post('/api/v1/tasks', { title: 'Buy salt' }, key)
    const again = await kim.post('/api/v1/tasks', { title: 'Buy salt' }, key)
    expect([first.status, again.status, again.headers.get('Idempotency-Replayed')]).toEqual([
      201,
      201,
      'true',
    ])
    expect([again.body, again.headers.get('Location')]).toEqual([
      first.body,
      first.headers.get('Location'),
    ])
    expect((await kim.post('/api/v1/tasks', { title: 'Buy pepper' }, key)).status).toBe(422)
    expect((await kim.get('/api/v1/tasks')).body.items).toHaveLength(1)
  })

  test('what is wrong is answered with a problem that says so', async () => {
    const { register, anonymous, client } = service()
    const lea = await register('Lea')
    const tasks = '/api/v1/tasks'
    expect(problem(await anonymous.get(tasks))).toEqual(expected(401, 'unauthenticated'))
    expect((await anonymous.get(tasks)).headers.get('WWW-Authenticate')).toContain('Bearer')
    expect(problem(await client('x.y.z').get(tasks))).toEqual(expected(401, 'unauthenticated'))
    expect(problem(await lea.post(tasks, '{"title":'))).toEqual(expected(400, 'malformed_json'))
    expect(problem(await lea.post(tasks, new Uint8Array([0x22, 0xff, 0x22])))).toEqual(
      expected(400, 'malformed_text'),
    )
    expect(problem(await lea.post(tasks, ''))).toEqual(expected(422, 'invalid'))
    const invalid = await lea.post(tasks, { title: 7, surprise: 1 })
    expect(invalid.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/title',
      '/surprise',
    ])
    expect(problem(await lea.post(tasks, 'title=x', { 'Content-Type': 'text/plain' }))).toEqual(
      expected(415, 'unsupported_media_type'),
    )
    expect(problem(await lea.get(`${tasks}/0199c2f4-5a2b-7c3d-8e4f-5a6b7c8d9e0f`))).toEqual(
      expected(404, 'not_found'),
    )
    expect(problem(await lea.get('/api/v1/nothing'))).toEqual(expected(404, 'not_a_route'))
    const refused = await lea.delete(tasks)
    expect([...problem(refused), refused.headers.get('Allow')]).toEqual([
      ...expected(405, 'method_not_allowed'),
      'GET, POST, HEAD, OPTIONS',
    ])
    expect((await lea.get('/api/v1/nothing', { 'X-Request-Id': 'mine-1' })).body.request_id).toBe(
      'mine-1',
    )
    expect((await lea.get(tasks)).body.items).toEqual([])
  })

  test('a body of 1 MiB is read, one byte more is 413', async () => {
    const mia = await service().register('Mia')
    const sized = (size: number) => '{"title":"x"}'.padEnd(size)
    expect((await mia.post('/api/v1/tasks', sized(MIB))).status).toBe(201)
    expect(problem(await mia.post('/api/v1/tasks', sized(MIB + 1)))).toEqual(
      expected(413, 'too_large'),
    )
    expect((await mia.get('/api/v1/tasks')).body.items).toHaveLength(1)
  })

  test('texts come back as they were sent', async () => {
    const noa = await service().register('Noa')
    const title = '👩‍👩‍👧‍👦 café – 日本語 שלום \u{1F600}'
    const description = '🦔'.repeat(4_000)
    const { body, headers } = await noa.post('/api/v1/tasks', {
      title,
      description,
      labels: ['ünï 🏷️'],
    })
    expect(body).toMatchObject({ title, description, labels: ['ünï 🏷️'] })
    expect((await noa.get(headers.get('Location') as string)).body).toEqual(body)
    expect(
      (await noa.get(`/api/v1/tasks?label=${encodeURIComponent('ünï 🏷️')}`)).body.items,
    ).toEqual([body])
  })
}
