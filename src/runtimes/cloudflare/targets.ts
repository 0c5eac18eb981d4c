// How deliveries are sent from Workers. Their fetch reaches the public internet only, and does not
// tell the address that a host has.
import {
  faultOf,
  isAllowedHost,
  MOST_READ,
  SEND_MS,
  SendFailure,
  type Targets,
} from '../../features/webhooks/index.ts'

type Options = {
  readonly allowed: readonly string[]
  /** The address of this service. */
  readonly own: string | undefined
}

const isAddress = ({ hostname }: URL): boolean =>
  hostname.startsWith('[') || /^[\d.]+$/.test(hostname)

export const createTargets = ({ allowed, own }: Options): Targets => {
  const refusalOf = (url: URL): string | undefined => {
    const fault = faultOf(url, allowed)
    if (fault !== undefined || isAllowedHost(url, allowed)) return fault
    if (isAddress(url)) return 'Its host has to be a name.'
    return own !== undefined && new URL(own).hostname === url.hostname
      ? 'It is the address of this service.'
      : undefined
  }
  return {
    refusal: async (url) => refusalOf(url),
    send: async ({ url, headers, body, signal }) => {
      const refusal = refusalOf(url)
      if (refusal !== undefined) throw new SendFailure(`it is refused: ${refusal}`)
      const ending = AbortSignal.timeout(SEND_MS)
      try {
        const response = await fetch(url, {
          method: 'POST',
          headers: { ...headers, 'user-agent': 'Taskport' },
          body,
          redirect: 'manual',
          signal: signal ? AbortSignal.any([ending, signal]) : ending,
        })
        const { status } = response
        const text = await beginningOf(response)
        return { status, retryAfter: response.headers.get('Retry-After'), text }
      } catch (error) {
        throw new SendFailure(
          ending.aborted ? 'no answer within ten seconds' : 'the connection failed',
          { cause: error },
        )
      }
    },
  }
}

const beginningOf = async ({ body }: Response): Promise<string> => {
  const reader = body?.getReader()
  const decoder = new TextDecoder()
  let [text, length] = ['', 0]
  while (reader && length < MOST_READ) {
    const { done, value } = await reader.read()
    if (done) break
    text += decoder.decode(value.subarray(0, MOST_READ - length), { stream: true })
    length += value.length
  }
  await reader?.cancel()
  return text
}
