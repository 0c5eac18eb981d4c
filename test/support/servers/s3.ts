// A store that speaks as much S3 as backups need, strictly: it computes every signature and payload
// hash itself (SigV4, without the library that the service signs with), and honours If-Match and
// If-None-Match. Checked against botocore by test/support/servers/s3-check.py.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const ACCESS_KEY = 'AKIDTEST'
export const SECRET_KEY = 'the/secret+of the test'
export const BUCKET = 'copies'

/** What goes wrong with the requests that `matches` names, until it is taken away. */
export type Trouble = {
  readonly matches: (method: string, key: string) => boolean
  /** Answers this status (and S3 code) instead of doing what is asked. */
  readonly status?: number
  readonly code?: string
  /** Waits for this before anything is done. */
  readonly wait?: Promise<unknown>
  /** Does what is asked, and then cuts the connection instead of answering. */
  readonly forget?: boolean
  /** Sends only half of a body, under the length of the whole. */
  readonly half?: boolean
  /** Changes the body on its way out. */
  readonly change?: (body: Buffer) => Buffer
}

export type S3 = {
  readonly url: string
  /** The environment that leads the service here. */
  env(prefix?: string): Record<string, string>
  readonly objects: Map<string, Buffer>
  readonly log: { method: string; key: string; status: number }[]
  troubles: Trouble[]
  /** Sends whoever GETs an object there for it, as stores do that hand objects out by a CDN. */
  redirect: boolean
  /** Honours Range, as nearly every store does. */
  ranges: boolean
  close(): Promise<void>
}

const hex = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()
const etagOf = (body: Buffer) => `"${createHash('md5').update(body).digest('hex')}"`
const rfc3986 = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )

class Refused extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string) {
    super(code)
    this.status = status
    this.code = code
  }
}

/** Signature Version 4, as AWS documents it for S3. Throws Refused. */
const verify = (request: IncomingMessage, url: URL, body: Buffer): void => {
  const header = (name: string) => String(request.headers[name] ?? '')
  const found =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      header('authorization'),
    )
  if (!found) throw new Refused(403, 'AccessDenied')
  const [, keyId = '', date = '', region = '', names = '', signature = ''] = found
  if (keyId !== ACCESS_KEY) throw new Refused(403, 'InvalidAccessKeyId')
  const signed = names.split(';')
  for (const name of [
    'host',
    'x-amz-content-sha256',
    'x-amz-date',
    ...Object.keys(request.headers).filter((n) => n.startsWith('if-')),
  ])
    if (!signed.includes(name)) throw new Refused(403, 'AccessDenied')
  const at = header('x-amz-date')
  const time = Date.parse(
    at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  )
  if (Math.abs(Date.now() - time) > 15 * 60_000) throw new Refused(403, 'RequestTimeTooSkewed')
  const query = [...url.searchParams].map(([k, v]) => `${rfc3986(k)}=${rfc3986(v)}`).sort()
  const path = url.pathname
    .split('/')
    .map((part) => rfc3986(decodeURIComponent(part)))
    .join('/')
  const canonical = [
    request.method,
    path,
    query.join('&'),
    ...signed.map((name) => `${name}:${header(name).trim().replace(/ +/g, ' ')}`),
    '',
    names,
    header('x-amz-content-sha256'),
  ].join('\n')
  const scope = `${date}/${region}/s3/aws4_request`
  const key = [region, 's3', 'aws4_request'].reduce<Buffer>(hmac, hmac(`AWS4${SECRET_KEY}`, date))
  const expected = hmac(key, ['AWS4-HMAC-SHA256', at, scope, hex(canonical)].join('\n'))
  if (!timingSafeEqual(expected, Buffer.from(signature, 'hex')))
    throw new Refused(403, 'SignatureDoesNotMatch')
  const hash = header('x-amz-content-sha256')
  if (hash !== 'UNSIGNED-PAYLOAD' && hash !== hex(body))
    throw new Refused(400, 'XAmzContentSHA256Mismatch')
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Starts the store on a free port of this machine, with one bucket and one key. */
export const startS3 = async ({ pageSize = 1000 } = {}): Promise<S3> => {
  const objects = new Map<string, Buffer>()
  const log: S3['log'] = []

  const list = (query: URLSearchParams): string => {
    const prefix = query.get('prefix') ?? ''
    const after = query.get('continuation-token') ?? ''
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort()
    const page = keys.slice(0, pageSize)
    const contents = page
      .map(
        (key) =>
          `<Contents><Key>${escaped(key)}</Key><Size>${objects.get(key)?.length}</Size></Contents>`,
      )
      .join('')
    const more = keys.length > pageSize
    const next = more
      ? `<NextContinuationToken>${escaped(page.at(-1) ?? '')}</NextContinuationToken>`
      : ''
    return `<?xml version="1.0"?><ListBucketResult><Name>${BUCKET}</Name><Prefix>${escaped(prefix)}</Prefix><KeyCount>${page.length}</KeyCount><IsTruncated>${more}</IsTruncated>${contents}${next}</ListBucketResult>`
  }

  type Made = { status: number; headers?: Record<string, string>; body?: Buffer | string }
  const answer = (request: IncomingMessage, url: URL, key: string, body: Buffer): Made => {
    const existing = objects.get(key)
    switch (request.method) {
      case 'GET':
      case 'HEAD': {
        if (key === '')
          return {
            status: 200,
            body: list(url.searchParams),
            headers: { 'Content-Type': 'application/xml' },
          }
        if (!existing) throw new Refused(404, 'NoSuchKey')
        const headers = { ETag: etagOf(existing), 'Content-Type': 'application/octet-stream' }
        const from = store.ranges
          ? /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]
          : undefined
        if (from === undefined) return { status: 200, body: existing, headers }
        if (Number(from) >= existing.length) throw new Refused(416, 'InvalidRange')
        const range = `bytes ${from}-${existing.length - 1}/${existing.length}`
        return {
          status: 206,
          body: existing.subarray(Number(from)),
          headers: { ...headers, 'Content-Range': range },
        }
      }
      case 'PUT': {
        const [match, none] = [request.headers['if-match'], request.headers['if-none-match']]
        if (match !== undefined && !existing) throw new Refused(404, 'NoSuchKey')
        if (match !== undefined && existing && etagOf(existing) !== match)
          throw new Refused(412, 'PreconditionFailed')
        if (none === '*' && existing) throw new Refused(412, 'PreconditionFailed')
        objects.set(key, body)
        return { status: 200, headers: { ETag: etagOf(body) } }
      }
      case 'DELETE':
        objects.delete(key)
        return { status: 204 }
      default:
        throw new Refused(405, 'MethodNotAllowed')
    }
  }

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
    const [, bucket, ...rest] = url.pathname.split('/')
    const key = rest.map(decodeURIComponent).join('/')
    const body = Buffer.concat(await request.toArray())
    const method = request.method ?? ''
    const trouble = store.troubles.find(({ matches }) => matches(method, key))
    let made: Made
    try {
      await trouble?.wait
      if (trouble?.status !== undefined)
        throw new Refused(trouble.status, trouble.code ?? 'InternalError')
      const elsewhere = url.searchParams.get('handed-out')
      if (elsewhere === null) verify(request, url, body)
      else if (request.headers.authorization !== undefined)
        throw new Refused(400, 'InvalidArgument')
      if (bucket !== BUCKET) throw new Refused(404, 'NoSuchBucket')
      if (store.redirect && method === 'GET' && objects.has(key) && elsewhere === null)
        made = {
          status: 302,
          headers: { Location: `http://localhost:${port}${url.pathname}?handed-out=1` },
        }
      else made = answer(request, url, key, body)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      made = {
        status: error.status,
        body: `<?xml version="1.0"?><Error><Code>${error.code}</Code></Error>`,
      }
    }
    log.push({ method, key, status: made.status })
    if (trouble?.forget) return void request.socket.destroy()
    const plain = Buffer.from(made.body ?? '')
    const out = trouble?.change && made.status === 200 ? trouble.change(plain) : plain
    response.writeHead(made.status, {
      ...made.headers,
      ...(made.status !== 204 && { 'Content-Length': String(out.length) }),
    })
    if (trouble?.half && out.length > 1)
      return void response.write(out.subarray(0, out.length / 2), () => request.socket.destroy())
    response.end(method === 'HEAD' ? undefined : out)
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error) => {
      if (error?.code !== 'ECONNRESET') console.error('the S3 store of the tests', error)
      response.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const store: S3 = {
    url,
    objects,
    log,
    troubles: [],
    redirect: false,
    ranges: true,
    env: (prefix = '') => ({
      BACKUP_URL: `s3://${BUCKET}${prefix === '' ? '' : `/${prefix}`}`,
      BACKUP_ENDPOINT: url,
      BACKUP_ACCESS_KEY_ID: ACCESS_KEY,
      BACKUP_SECRET_ACCESS_KEY: SECRET_KEY,
    }),
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return store
}
