// One POST by node:http, to one of the addresses that were checked.
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIPv6, type LookupFunction } from 'node:net'
import {
  MOST_READ,
  SEND_MS,
  SendFailure,
  type SendRequest,
  type Sent,
} from '../../../features/webhooks/index.ts'
import { version } from '../../../version.ts'

type Post = SendRequest & {
  readonly addressesOf: () => Promise<readonly string[]>
  readonly ca?: string | undefined
}

/**
 * Sends, and reads the beginning of the answer, all within ten seconds. The host is not looked up a
 * second time, no proxy of the environment is used, no redirect followed, and no connection used
 * again. Throws SendFailure.
 */
export const post = async ({
  url,
  headers,
  body,
  signal,
  addressesOf,
  ca,
}: Post): Promise<Sent> => {
  const ending = AbortSignal.timeout(SEND_MS)
  const either = signal ? AbortSignal.any([ending, signal]) : ending
  const addresses = await before(either, addressesOf())
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => {
      settled()
      reject(failureOf(either.aborted ? either.reason : error))
    }
    const bytes = Buffer.from(body)
    const begin = url.protocol === 'https:' ? httpsRequest : httpRequest
    const outgoing = begin(url, {
      method: 'POST',
      // No connection is kept: the next one is checked anew.
      agent: false,
      lookup: pinnedTo(addresses),
      headers: {
        ...headers,
        'content-length': bytes.length,
        'accept-encoding': 'identity',
        'user-agent': `Taskport/${version}`,
        connection: 'close',
      },
      ...(ca !== undefined && { ca }),
    })
    const abort = (): void => {
      outgoing.destroy()
      fail(either.reason)
    }
    const settled = (): void => either.removeEventListener('abort', abort)
    outgoing.on('error', fail)
    outgoing.once('response', (incoming) => {
      beginningOf(incoming)
        .then((text) => {
          settled()
          const { statusCode = 0, headers: answered } = incoming
          resolve({ status: statusCode, retryAfter: answered['retry-after'] ?? null, text })
        })
        .catch(fail)
        .finally(() => outgoing.destroy())
    })
    either.addEventListener('abort', abort, { once: true })
    if (either.aborted) abort()
    else outgoing.end(bytes)
  })
}

/** Answers what was looked up and checked, also where the host's name means another address by now. */
const pinnedTo = (addresses: readonly string[]): LookupFunction => {
  const all = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
  return (_host, options, done) => {
    const [first] = all
    if (options.all === true) done(null, all)
    else done(null, first?.address ?? '', first?.family)
  }
}

/** What `promise` answers, unless `signal` is first. */
const before = async <T>(signal: AbortSignal, promise: Promise<T>): Promise<T> => {
  const aborted = new Promise<never>((_, reject) => {
    const abort = (): void => reject(failureOf(signal.reason))
    signal.addEventListener('abort', abort, { once: true })
    if (signal.aborted) abort()
  })
  aborted.catch(() => {})
  return Promise.race([promise, aborted])
}

const beginningOf = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of incoming) {
    chunks.push(chunk)
    length += chunk.length
    if (length >= MOST_READ) break
  }
  return Buffer.concat(chunks).subarray(0, MOST_READ).toString()
}

const words: Readonly<Record<string, string>> = {
  TimeoutError: 'no answer within ten seconds',
  AbortError: 'this process ended',
  ECONNREFUSED: 'its host refuses connections there',
  ECONNRESET: 'the connection was closed before an answer',
  EPIPE: 'the connection was closed before an answer',
  ETIMEDOUT: 'its host cannot be reached',
  EHOSTUNREACH: 'its host cannot be reached',
  ENETUNREACH: 'its host cannot be reached',
}

const failureOf = (error: unknown): SendFailure => {
  if (error instanceof SendFailure) return error
  const { code, name } = error as { code?: unknown; name?: string }
  const known = words[String(code)] ?? words[String(name)]
  if (known !== undefined) return new SendFailure(known, { cause: error })
  const isTls = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(String(code))
  const what = isTls ? 'its certificate is not accepted' : 'the connection failed'
  return new SendFailure(typeof code === 'string' ? `${what} (${code})` : what, { cause: error })
}
