// The TLS parameters of DATABASE_URL against servers that encrypt: what each mode takes, and what
// it refuses.
import { execFileSync } from 'node:child_process'
import { chownSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rawQuery } from '../../../src/db/statement.ts'
import { openDatabase } from '../../../src/runtimes/node/database.ts'
import { findDatabaseTarget } from '../../../src/runtimes/node/database-target.ts'
import { mariaDbIsAbsent, startMariaDb, startMySql } from '../../support/servers/mysql.ts'
import { startPostgres } from '../../support/servers/postgres.ts'
import { findCommand, type Server, scratch, user } from '../../support/servers/process.ts'
import { until } from '../../support/size.ts'

const openssl = findCommand('openssl')

type Certificates = {
  readonly ca: string
  readonly other: string
  readonly cert: string
  readonly key: string
}

/**
 * An authority, a certificate of its for `localhost` alone, and an authority that has nothing to do
 * with it.
 */
const makeCertificates = async (): Promise<Certificates> => {
  const folder = await scratch('tls')
  const at = (name: string) => join(folder, name)
  const make = (...args: string[]) =>
    execFileSync(openssl ?? 'openssl', args, { cwd: folder, stdio: 'ignore' })
  const authority = (name: string) =>
    make(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
    )
  authority('ca')
  authority('other')
  writeFileSync(at('names'), 'subjectAltName=DNS:localhost\n')
  make(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    '/CN=localhost',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
  )
  const signing = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'names']
  make('x509', '-req', '-in', 'server.csr', '-days', '2', ...signing, '-out', 'server.pem')
  if (user.uid !== undefined) chownSync(at('server.key'), user.uid, 65534)
  return { ca: at('ca.pem'), other: at('other.pem'), cert: at('server.pem'), key: at('server.key') }
}

/** What the server says about the encryption of the connection: not empty where there is any. */
const cipherOf = async (databaseUrl: string): Promise<string> => {
  const place = findDatabaseTarget({ databaseUrl, dataDir: undefined, spaceId: undefined })
  const { db } = await openDatabase(place, { databasePoolSize: 1, migrate: 'off' })
  const text =
    db.dialect.name === 'postgres'
      ? "select coalesce(cipher, '') from pg_stat_ssl where pid = pg_backend_pid()"
      : "select variable_value from information_schema.session_status where variable_name = 'Ssl_cipher'"
  const row = await db.one(rawQuery<{ cipher: string }>(text, ['cipher']))
  await db.close()
  return row?.cipher ?? ''
}

let certificates: Certificates | undefined
beforeAll(async () => {
  if (openssl) certificates = await makeCertificates()
})
/** The URL with these parameters; $CA and $OTHER are the paths of the authorities. */
const urlOf = (base: string, host: string, parameters: string): string => {
  const files = parameters
    .replace('$CA', certificates?.ca ?? '')
    .replace('$OTHER', certificates?.other ?? '')
  return `${Object.assign(new URL(base), { hostname: host }).href}${files}`
}

describe.skipIf(!openssl)('Postgres', () => {
  let server: Server | undefined
  beforeAll(async () => {
    server = await startPostgres()
    await cipherOf(server.url) // it accepts connections a little before it answers
    const admin = postgres(server.url, { max: 1 })
    await admin.unsafe(`alter system set ssl_cert_file = '${certificates?.cert}'`)
    await admin.unsafe(`alter system set ssl_key_file = '${certificates?.key}'`)
    await admin.unsafe('alter system set ssl = on')
    await admin`select pg_reload_conf()`
    await until(async () => (await admin`show ssl`)[0]?.['ssl'] === 'on')
    await admin.end()
  })
  afterAll(() => server?.stop())

  test.each([
    ['localhost', '', true],
    ['localhost', '?sslmode=disable', false],
    ['localhost', '?sslmode=prefer', true],
    ['127.0.0.1', '?sslmode=require', true],
    ['127.0.0.1', '?ssl=require', true],
    ['127.0.0.1', '?sslmode=verify-ca&sslrootcert=$CA', true],
    ['127.0.0.1', '?sslmode=require&sslrootcert=$CA', true],
    ['localhost', '?sslmode=verify-full&sslrootcert=$CA', true],
  ])('%s%s: encrypted %s', async (host, parameters, encrypted) => {
    expect((await cipherOf(urlOf(server?.url ?? '', host, parameters))) !== '').toBe(encrypted)
  })

  test.each([
    ['127.0.0.1', '?sslmode=verify-full&sslrootcert=$CA'],
    ['localhost', '?sslmode=verify-full&sslrootcert=$OTHER'],
    ['localhost', '?sslmode=verify-ca&sslrootcert=$OTHER'],
    ['localhost', '?sslmode=verify-full'],
    ['localhost', '?sslmode=require&channel_binding=require'],
  ])('%s%s is refused', async (host, parameters) => {
    await expect(cipherOf(urlOf(server?.url ?? '', host, parameters))).rejects.toThrow(
      /and the encrypted connection cannot be made \(\w+\): correct the TLS parameters in DATABASE_URL/,
    )
  })
})

test('a Postgres without encryption: preferred is plain, required is refused', async () => {
  const server = await startPostgres()
  expect(await cipherOf(server.url)).toBe('')
  await expect(cipherOf(`${server.url}?sslmode=require`)).rejects.toThrow(
    /and the encrypted connection cannot be made/,
  )
  await server.stop()
})

describe.skipIf(!openssl || mariaDbIsAbsent)('MariaDB', () => {
  let server: Server | undefined
  beforeAll(async () => {
    server = await startMariaDb([
      `--ssl-cert=${certificates?.cert}`,
      `--ssl-key=${certificates?.key}`,
      `--ssl-ca=${certificates?.ca}`,
    ])
  })
  afterAll(() => server?.stop())

  test.each([
    ['127.0.0.1', '', true],
    ['127.0.0.1', '?ssl-mode=DISABLED', false],
    ['127.0.0.1', '?ssl-mode=PREFERRED', true],
    ['127.0.0.1', '?ssl-mode=REQUIRED', true],
    ['127.0.0.1', '?ssl-mode=VERIFY_CA&ssl_ca=$CA', true],
    ['127.0.0.1', '?ssl_ca=$CA', true],
    ['localhost', '?ssl-mode=VERIFY_IDENTITY&ssl_ca=$CA', true],
  ])('%s%s: encrypted %s', async (host, parameters, encrypted) => {
    expect((await cipherOf(urlOf(server?.url ?? '', host, parameters))) !== '').toBe(encrypted)
  })

  test.each([
    ['localhost', '?ssl-mode=VERIFY_IDENTITY&ssl_ca=$OTHER'],
    ['localhost', '?ssl_ca=$OTHER'],
    ['localhost', '?ssl={"rejectUnauthorized":true}'],
  ])('%s%s is refused', async (host, parameters) => {
    await expect(cipherOf(urlOf(server?.url ?? '', host, parameters))).rejects.toThrow(
      /and the encrypted connection cannot be made/,
    )
  })
})

test('a MariaDB without encryption: preferred is plain, required is refused', async ({ skip }) => {
  const server = await startMySql()
  if (!('url' in server)) return skip()
  const plain = await cipherOf(server.url)
  if (plain === '')
    await expect(cipherOf(`${server.url}?ssl-mode=REQUIRED`)).rejects.toThrow(
      /and the encrypted connection cannot be made \(HANDSHAKE_NO_SSL/,
    )
  await server.stop()
})
