// Where deliveries may be sent, as far as the text of a URL tells; and how the platform sends them.

export type SendRequest = {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal?: AbortSignal | undefined
}

export type Sent = {
  readonly status: number
  /** Its header. */
  readonly retryAfter: string | null
  /** What was read of the body: 4 KiB at most. */
  readonly text: string
}

/** No answer came, or nothing was sent: the message says why, in a few words for its user. */
export class SendFailure extends Error {}

/** How the platform reaches endpoints. */
export type Targets = {
  /**
   * Why nothing would be sent there, in a sentence; undefined where something would be. An address
   * that is not known now is no reason.
   */
  refusal(url: URL): Promise<string | undefined>
  /**
   * Sends by POST, to an address that was checked, follows no redirect, and answers within ten
   * seconds. Throws SendFailure.
   */
  send(request: SendRequest): Promise<Sent>
}

/** Milliseconds until the answer has to be there. */
export const SEND_MS = 10_000
/** Bytes of an answer that are read. */
export const MOST_READ = 4_096

/** For a process that sends nothing. */
export const noTargets: Targets = {
  refusal: async () => 'This process sends no webhooks.',
  send: async () => {
    throw new SendFailure('this process sends no webhooks')
  },
}

const PORTS = ['', '80', '443', '8080', '8443']

/**
 * Hosts of the operator's own network, each `host` or `host:port`: they may have any address and
 * speak http. A port that stands there may be any.
 */
export type AllowedHosts = readonly string[]

export const isAllowedHost = (url: URL, allowed: AllowedHosts): boolean => {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return (
    allowed.includes(`${url.hostname}:${port}`) ||
    (allowed.includes(url.hostname) && PORTS.includes(url.port))
  )
}

/** Why nothing is sent to this URL, for any address of its host; undefined where it may be. */
export const faultOf = (url: URL, allowed: AllowedHosts): string | undefined => {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'It is neither https nor http.'
  if (url.username !== '' || url.password !== '') return 'It may hold no user name and password.'
  if (isAllowedHost(url, allowed)) return undefined
  if (url.protocol === 'http:')
    return 'It has to be https: deliveries tell what tasks say. An operator can allow a host in WEBHOOK_ALLOW_HOSTS.'
  if (!PORTS.includes(url.port))
    return 'Its port has to be 443, 80, 8080 or 8443. An operator can allow others in WEBHOOK_ALLOW_HOSTS.'
  return undefined
}
