// The addresses of the public internet, to which alone webhooks are sent.
import { BlockList, isIPv4, isIPv6 } from 'node:net'

/** IANA's special-purpose IPv4 ranges, multicast, and what is reserved (broadcast included). */
const RANGES_4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // The platform of Azure, to each of its machines.
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const

/**
 * All global unicast addresses of IPv6 are in here. So loopback, link-local, unique local, multicast,
 * mapped (`::ffff:0:0/96`) and translated addresses (`64:ff9b::/96`, `64:ff9b:1::/48`) are outside.
 */
const GLOBAL_6 = ['2000::', 3] as const

/** Of these: protocol assignments (Teredo among them), documentation, and 6to4. */
const RANGES_6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const

const refused4 = new BlockList()
for (const [net, prefix] of RANGES_4) refused4.addSubnet(net, prefix, 'ipv4')
const refused6 = new BlockList()
for (const [net, prefix] of RANGES_6) refused6.addSubnet(net, prefix, 'ipv6')
const global6 = new BlockList()
global6.addSubnet(...GLOBAL_6, 'ipv6')

/** Is this an address of the public internet? Not where it is none, or has a zone. */
export const isPublicAddress = (address: string): boolean => {
  if (address.includes('%')) return false
  return isIPv6(address)
    ? global6.check(address, 'ipv6') && !refused6.check(address, 'ipv6')
    : isIPv4(address) && !refused4.check(address, 'ipv4')
}
