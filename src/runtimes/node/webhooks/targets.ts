// How deliveries are sent: the addresses of a host are looked up and checked, and the connection goes
// to one that was checked (docs/decisions/090-addresses-of-targets.md).
import { lookup, resolve4, resolve6 } from 'node:dns/promises'
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

/** Milliseconds after which a host counts as one that has no address. */
const LOOKUP_MS = 3_000

/**
 * By the name servers alone: `lookup` takes one of the few threads of the process for as long as a name
 * server lets it wait, and files and backups wait for these, too.
 */
const publicResolve: Resolve = async (host) => {
  const found = await Promise.allSettled([resolve4(host), resolve6(host)])
  return found.flatMap((some) => (some.status === 'fulfilled' ? some.value : []))
}

/** As the machine names its own network, by its file of hosts, too. */
const ownResolve: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)

/** What is found in time; nothing where a name server fails. */
const inTime = async (found: Promise<readonly string[]>): Promise<readonly string[]> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(resolve, LOOKUP_MS, [])
  })
  return Promise.race([found.catch(() => []), late]).finally(() => clearTimeout(timer))
}

type Options = {
  readonly allowed: AllowedHosts
  readonly resolve?: Resolve
  /** Certificates of authorities to trust in place of the usual ones. */
  readonly ca?: string | undefined
}

const PRIVATE = 'has an address that is not of the public internet'

/** `[::1]`, as a URL writes it, is `::1`. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1')

export const createTargets = ({ allowed, resolve, ca }: Options): Targets => {
  const find = async (url: URL): Promise<readonly string[]> => {
    const host = hostOf(url)
    const finding = resolve ?? (isAllowedHost(url, allowed) ? ownResolve : publicResolve)
    return isIP(host) > 0 ? [host] : inTime(finding(host))
  }
  /** The addresses that a connection may go to. Throws SendFailure. */
  const addressesOf = async (url: URL): Promise<readonly string[]> => {
    const found = await find(url)
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
      const found = await find(url)
      return found.every(isPublicAddress) ? undefined : `Its host ${PRIVATE}.`
    },
    send: async (request) => {
      const fault = faultOf(request.url, allowed)
      if (fault !== undefined) throw new SendFailure(`it is refused: ${fault}`)
      return post({ ...request, addressesOf: () => addressesOf(request.url), ca })
    },
  }
}
