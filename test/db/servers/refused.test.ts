// A server that is there, and lets the service in no more: every such failure is 503, /ready agrees, the log
// names the cause, and nothing has to be restarted when it is over.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import mysql from 'mysql2/promise'
import postgres from 'postgres'
import { describe, inject, test } from 'vitest'
import { freshDatabases } from '../../support/fresh.ts'
import { serviceAt } from './served.ts'

const databases = freshDatabases()

describe.skipIf(databases.Postgres === undefined)('Postgres', () => {
  const cases: [string, string[], string[]][] = [
    ['the role may not sign in', ['alter role $role nologin'], ['alter role $role login']],
    [
      'the role has a limit of connections',
      ['alter role $role connection limit 0'],
      ['alter role $role connection limit -1'],
    ],
    [
      'the role has another name',
      ['alter role $role rename to x$role'],
      ['alter role x$role rename to $role'],
    ],
    [
      'the database takes no connections',
      ['alter database $db allow_connections false'],
      ['alter database $db allow_connections true'],
    ],
    [
      'the database has a limit of connections',
      ['alter database $db connection limit 0'],
      ['alter database $db connection limit -1'],
    ],
    [
      'the role may not connect',
      ['revoke connect on database $db from public, $role'],
      ['grant connect on database $db to $role'],
    ],
    [
      'the role has lost its rights',
      [
        'revoke usage on schema app from $role',
        'revoke all on all tables in schema app from $role',
      ],
      ['grant usage on schema app to $role', 'grant all on all tables in schema app to $role'],
    ],
  ]
  test.each(cases)('%s', async (_what, refuse, admit) => {
    const fresh = await databases.Postgres?.()
    if (!fresh) throw new Error('no server')
    const name = new URL(fresh.url).pathname.slice(1)
    const role = `r_${name}`
    // In its own database, to be able to change the schema, and elsewhere, to close that one.
    const within = postgres(fresh.url, { max: 1, onnotice: () => {} })
    await within.unsafe(
      `create role ${role} login; create schema app; grant create, usage on schema app to ${role}; alter role ${role} set search_path = app`,
    )
    const admin = postgres(inject('servers').postgres as string, { max: 1, onnotice: () => {} })
    const url = Object.assign(new URL(fresh.url), { username: role })
    const service = await serviceAt(url.href)
    const say = async (statements: readonly string[]) => {
      for (const statement of statements) {
        const text = statement.replaceAll('$db', name).replaceAll('$role', role)
        await (text.includes('schema') ? within : admin).unsafe(text)
      }
    }
    const cut = () =>
      admin.unsafe(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename like '%${role}'`,
      )
    if (refuse[0]?.includes('schema'))
      await within.unsafe(
        `alter schema app owner to current_user; reassign owned by ${role} to current_user; grant all on all tables in schema app to ${role}; grant usage on schema app to ${role}`,
      )
    else await within.end()
    await say(refuse)
    await cut()
    await service.expectRefused()
    await say(admit)
    await service.expectServed()
    await service.close()
    await within.end()
    await admin.end()
    await fresh.drop()
  })

  test('the database was dropped', async () => {
    const fresh = await databases.Postgres?.()
    if (!fresh) throw new Error('no server')
    const service = await serviceAt(fresh.url)
    await fresh.drop()
    await service.expectRefused()
    await service.close()
  })
})

describe.skipIf(databases.MariaDB === undefined)('MariaDB', () => {
  const cases: [string, string[], string[]][] = [
    [
      'the password is another one',
      ["alter user $user identified by 'other'"],
      ["alter user $user identified by 'hunter2'"],
    ],
    [
      'the user was dropped',
      ['drop user $user'],
      ["create user $user identified by 'hunter2'", 'grant all on $db.* to $user'],
    ],
    [
      'the account is locked',
      ['alter user $user account lock'],
      ['alter user $user account unlock'],
    ],
    [
      'the user has another host',
      ["rename user $user to '$name'@'192.0.2.1'"],
      ["rename user '$name'@'192.0.2.1' to $user"],
    ],
    [
      'the user may not use the database',
      ['revoke all on $db.* from $user'],
      ['grant all on $db.* to $user'],
    ],
    [
      'the user may only look',
      ['revoke all on $db.* from $user', 'grant select on $db.users to $user'],
      ['revoke select on $db.users from $user', 'grant all on $db.* to $user'],
    ],
  ]
  const setUp = async () => {
    const fresh = await databases.MariaDB?.()
    if (!fresh) throw new Error('no server')
    const db = new URL(fresh.url).pathname.slice(1)
    const name = db.slice(0, 20)
    const admin = await mysql.createConnection(inject('servers').mysql as string)
    const say = async (statements: readonly string[]) => {
      for (const statement of statements)
        await admin.query(
          statement
            .replaceAll('$db', db)
            .replaceAll('$user', `'${name}'@'%'`)
            .replaceAll('$name', name),
        )
    }
    await say(["create user $user identified by 'hunter2'", 'grant all on $db.* to $user'])
    const url = Object.assign(new URL(fresh.url), { username: name, password: 'hunter2' }).href
    const cut = async () => {
      const [rows] = await admin.query(
        'select id from information_schema.processlist where user = ?',
        [name],
      )
      for (const { id } of rows as { id: number }[]) await admin.query(`kill ${id}`)
    }
    const tearDown = async () => {
      await say(['drop user if exists $user'])
      await admin.end()
    }
    return { fresh, url, say, cut, tearDown }
  }

  test.each(cases)('%s', async (_what, refuse, admit) => {
    const { fresh, url, say, cut, tearDown } = await setUp()
    const service = await serviceAt(url)
    await say(refuse)
    await cut()
    await service.expectRefused(['hunter2'])
    await say(admit)
    await cut()
    await service.expectServed()
    await service.close()
    await fresh.drop()
    await tearDown()
  })

  test('the database was dropped', async () => {
    const { fresh, url, cut, tearDown } = await setUp()
    const service = await serviceAt(url)
    await fresh.drop()
    await cut()
    await service.expectRefused(['hunter2'])
    await service.close()
    await tearDown()
  })
})

/** A relay that answers each connection with `refusal` while it is set. */
const startGate = async (url: string) => {
  const { hostname, port } = new URL(url)
  const open = new Set<Socket>()
  const state: { refusal: ((client: Socket) => void) | undefined } = { refusal: undefined }
  const server = createServer((client) => {
    open.add(client)
    client.on('error', () => {})
    if (state.refusal) return state.refusal(client)
    const upstream = connect(Number(port), hostname)
    open.add(upstream)
    upstream.on('error', () => {})
    client.pipe(upstream).pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const through = Object.assign(new URL(url), {
    hostname: '127.0.0.1',
    port: String((server.address() as { port: number }).port),
  })
  return {
    url: through.href,
    set: (refusal: typeof state.refusal) => {
      state.refusal = refusal
      for (const socket of open) socket.destroy()
      open.clear()
    },
    close: () => {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}

/** An ErrorResponse of Postgres' protocol. */
const fatal = (code: string) => (client: Socket) =>
  client.once('data', () => {
    const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mno connection today\0\0`)
    const head = Buffer.from('E\0\0\0\0')
    head.writeInt32BE(fields.length + 4, 1)
    client.end(Buffer.concat([head, fields]))
  })

/** An ERR_Packet of MySQL's protocol, instead of a handshake. */
const errPacket = (number: number, state: string) => (client: Socket) => {
  const body = Buffer.concat([
    Buffer.from([0xff, number & 0xff, number >> 8]),
    Buffer.from(`#${state}no connection today`),
  ])
  client.end(Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]))
}

type Refusal = (client: Socket) => void
const refusals: Record<'Postgres' | 'MariaDB', readonly (readonly [string, Refusal])[]> = {
  Postgres: [
    '28P01',
    '28000',
    '53300',
    '3D000',
    '55000',
    '42501',
    '0A000',
    'XX000',
    '57P03',
    '22023',
    'P0001',
  ].map((code) => [code, fatal(code)]),
  MariaDB: [1040, 1045, 1129, 1130, 1203, 1226, 1862, 3118, 3159, 3032, 4151, 9999].map(
    (number) => [String(number), errPacket(number, 'HY000')],
  ),
}
describe.each(['Postgres', 'MariaDB'] as const)('%s', (kind) => {
  test.skipIf(databases[kind] === undefined)(
    'whatever the server says when it refuses: 503, and it is found again',
    async () => {
      const fresh = await databases[kind]?.()
      if (!fresh) throw new Error('no server')
      const gate = await startGate(fresh.url)
      const service = await serviceAt(`${gate.url}?sslmode=disable`)
      for (const [, refusal] of refusals[kind]) {
        gate.set(refusal)
        await service.expectRefused()
        gate.set(undefined)
        await service.expectServed()
      }
      await service.close()
      gate.close()
      await fresh.drop()
    },
  )
})
