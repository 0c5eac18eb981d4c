// Rate limits, memory, connections and quotas.
import { onOff, whole } from '../values.ts'
import { variable } from '../variable.ts'

export const limits = {
  RATE_LIMIT: variable('`on`', onOff, '`off` switches every rate limit off.'),
  RATE_LIMIT_SIGN_IN_PER_ADDRESS: variable(
    '`10`',
    whole(1, 1_000_000_000),
    'Wrong sign-ins per network and minute, for all accounts together. Registrations have the same limit, and are counted apart. A network is an IPv4 address or an IPv6 /64; its /56 may have twice as many, its /48 four times as many.',
  ),
  RATE_LIMIT_SIGN_IN_PER_ACCOUNT: variable(
    '`10`',
    whole(1, 1_000_000_000),
    'Wrong sign-ins per account and network in 15 minutes; an IPv6 /56 may have twice as many, a /48 four times as many. A day allows three times as many from an IPv4 address, six times from a /48, 300 times from all networks together. A device that sends its [device token](api.md#signing-in), and a session that proves its password, are counted apart: so many in 15 minutes, three times as many a day.',
  ),
  RATE_LIMIT_PER_USER: variable(
    '`600`',
    whole(1, 1_000_000_000),
    'Points per user (without one: per address) and minute. A request is one point, unless it is a wrong sign-in. Some [cost more](api.md#limits). Each process that you start counts for itself; those of one service (`WORKERS`) tell each other whenever one of them has counted 2 % of it, so that a user may get up to 2 % more for each worker that the first process starts (and in one burst over many connections as much again).',
  ),
  BODY_MEMORY: variable(
    '`64`',
    whole(4, 65_536),
    'MiB that the bodies of requests may take in memory at once, in each process. One sender gets at most half of what is left. A request that would take more is answered 503.',
  ),
  BODY_MEMORY_PER_ADDRESS: variable(
    '`16`',
    whole(1, 65_536),
    'How many of these MiB one address may take (of IPv6: one /64). A request above that is answered 429. Behind a proxy this needs the right `TRUSTED_HOPS`.',
  ),
  BODY_MEMORY_PER_USER: variable(
    '`8`',
    whole(1, 65_536),
    'How many of these MiB one user may take. A request above that is answered 429.',
  ),
  CONNECTIONS: variable(
    '`5000`',
    whole(10, 1_000_000),
    'Connections at most, in each process, on Node and Deno. For a new one above that, the peer that has the most loses the connection that has been idle for longest.',
  ),
  CONNECTIONS_PER_ADDRESS: variable(
    '`500` where `TRUSTED_HOPS` is `0`',
    whole(1, 1_000_000),
    'How many of these one peer may have (of IPv6: one /64). Behind a proxy all connections have the same peer, the proxy. Set `TRUSTED_HOPS` there, or a higher number here.',
  ),
  QUOTA_TASKS: variable(
    '`100000`',
    whole(0, 1_000_000_000),
    'Tasks that a user may own, trash included.',
  ),
  QUOTA_PROJECTS: variable(
    '`1000`',
    whole(1, 1_000_000_000),
    'Projects that a user may own, the inbox included.',
  ),
  QUOTA_LABELS: variable('`1000`', whole(0, 1_000_000_000), 'Labels that a user may own.'),
  QUOTA_KEYS: variable('`100`', whole(0, 1_000_000_000), 'API keys that a user may own.'),
  QUOTA_BYTES: variable(
    '`200000000`',
    whole(0, 1_000_000_000_000_000),
    'Bytes that the texts of a user may take: see [what counts](api.md#quotas). A user who has more, because this was lowered, can still read, shorten and delete.',
  ),
  TRASH_DAYS: variable(
    '`30`',
    whole(0, 36_500),
    'Days after which what is in the trash is deleted for good. `0` keeps it for ever.',
  ),
  ACTIVITY_DAYS: variable(
    '`180`',
    whole(0, 36_500),
    'Days for which the [record of what happened](activity.md) is kept. `0` keeps it for ever.',
  ),
} as const
