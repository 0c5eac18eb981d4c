// How deliveries are sent: the addresses of a host are looked up and checked, and the connection goes
// to one that was checked (docs/decisions/090-addresses-of-targets.md).
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import {
  type AllowedHosts,
  faultOf,
  isAllowedHost,
  SendFailure,
  type Targets,
} from '../../../features/webhooks/index.ts'
import { isPublicAddress } from './addresses.ts'
import { post } from './post.ts'

/** Every address of a host. Rejects where it has none. */
type Resolve = (host: string) => Promise<readonly string[]>

const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)

type Options = {
  readonly allowed: AllowedHosts
  readonly resolve?: Resolve
  /** Certificates of authorities to trust in place of the usual ones. */
  readonly ca?: string | undefined
}

const PRIVATE = 'has an address that is not of the public internet'

/** `[::1]`, as a URL writes it, is `::1`. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1')

export const createTargets = ({ allowed, resolve = systemResolve, ca }: Options): Targets => {
  /** The addresses that a connection may go to. Throws SendFailure. */
  const addressesOf = async (url: URL): Promise<readonly string[]> => {
    const host = hostOf(url)
    const found = isIP(host) > 0 ? [host] : await resolve(host).catch(() => [])
    if (found.length === 0) throw new SendFailure('its host has no address')
    // One is enough: which of them is taken is not for the host to choose.
    if (!isAllowedHost(url, allowed) && !found.every(isPublicAddress))
      throw new SendFailure(`its host ${PRIVATE}`)
    return found
  }
  return {
    refusal: async (url) => {
      const fault = faultOf(url, allowed)
      if (fault !== undefined || isAllowedHost(url, allowed)) return fault
      const host = hostOf(url)
      const found = isIP(host) > 0 ? [host] : await resolve(host).catch(() => [])
      return found.every(isPublicAddress) ? undefined : `Its host ${PRIVATE}.`
    },
    send: async (request) => {
      const fault = faultOf(request.url, allowed)
      if (fault !== undefined) throw new SendFailure(`it is refused: ${fault}`)
      return post({ ...request, addressesOf: () => addressesOf(request.url), ca })
    },
  }
}
